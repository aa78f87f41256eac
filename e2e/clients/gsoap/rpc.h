// What ports have in common in RPC/encoded style: parts are plain values, arrays
// are __ptr and __size.
#pragma once
#include "voice.h"

template <class Array> static auto items(const Array *a) {
  std::vector<std::remove_pointer_t<decltype(a->__ptr)>> all;
  if (a && a->__size) all.assign(a->__ptr, a->__ptr + a->__size);
  return all;
}

// An array parameter, of whatever class the proxy has for it.
template <class Word> struct Words {
  std::vector<Word> all;

  template <class Array> operator Array *() const {
    Array *a = new Array;
    a->__size = all.size();
    a->__ptr = new std::remove_pointer_t<decltype(a->__ptr)>[all.size()];
    for (size_t i = 0; i < all.size(); i++) set(a->__ptr[i], all[i]);
    return a;
  }
};

template <class Word> static Words<Word> in(const std::vector<Word> &all) { return {all}; }
