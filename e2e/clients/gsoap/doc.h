// What ports have in common in document/literal style: wrapper classes with
// optional members, arrays are vectors.
#pragma once
#include "voice.h"

template <class Array> static auto items(const Array *a) { return a ? a->item : decltype(a->item)(); }

// An array parameter, of whatever class the proxy has for it.
template <class Word> struct Words {
  std::vector<Word> all;

  template <class Array> operator Array *() const {
    Array *a = new Array;
    a->item.resize(all.size());
    for (size_t i = 0; i < all.size(); i++) set(a->item[i], all[i]);
    return a;
  }
};

static Text *in(const Text &v) { return new Text(v); }
template <class Word> static Words<Word> in(const std::vector<Word> &all) { return {all}; }
