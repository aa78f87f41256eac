// The words of calls and answers (../README.md), whatever the port and the
// style. Proxy is the class that was generated.
#pragma once
#include <cstdlib>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

typedef std::string Text;
typedef std::vector<Text> List;
typedef std::pair<Text, Text> Pair;
struct Criterion { Text field, op, value; };
struct RowCriterion { Text column, op, value, logical; };

class Call {
  List words;
  size_t at = 0;

  const Text &next() { return words.at(at++); }
  Text value(const char *kind) {
    Text got = next(), name = next();
    if (got != kind) throw std::runtime_error(name + " is of kind " + got + ", want " + kind);
    return next();
  }

public:
  Text method;

  explicit Call(const Text &line) {
    words.push_back("");
    for (size_t i = 0; i < line.size(); i++)
      if (line[i] == '\t') words.push_back("");
      else if (line[i] != '\\') words.back() += line[i];
      else switch (line[++i]) {
        case 't': words.back() += '\t'; break;
        case 'n': words.back() += '\n'; break;
        case 'r': words.back() += '\r'; break;
        case '0': break; // a std::string is never null
        default: words.back() += line[i];
      }
    method = next();
  }
  Text text() { return value("s"); }
  int number() { return std::stoi(text()); }
  Text bytes() { return value("x"); }
  bool boolean() { return value("b") == "true"; }
  List list() {
    List all(std::stoul(value("l")));
    for (Text &v : all) v = next();
    return all;
  }
  std::vector<Pair> pairs() {
    std::vector<Pair> all(std::stoul(value("p")));
    for (auto &p : all) p.first = next(), p.second = next();
    return all;
  }
  std::vector<Criterion> criteria() {
    std::vector<Criterion> all(std::stoul(value("c")));
    for (auto &c : all) c.field = next(), c.op = next(), c.value = next();
    return all;
  }
  std::vector<RowCriterion> rowCriteria() {
    std::vector<RowCriterion> all(std::stoul(value("q")));
    for (auto &c : all) c.column = next(), c.op = next(), c.value = next(), c.logical = next();
    return all;
  }
};

// SOAP_C_UTFSTRING: a std::string is UTF-8, not Latin-1.
static Proxy proxy(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);

// Makes what a call of the proxy returns into an exception, unless it is SOAP_OK.
static void check(int rc) {
  if (rc == SOAP_OK) return;
  const char *s = soap_fault_string(proxy.soap);
  throw std::runtime_error(s ? s : "error " + std::to_string(rc));
}

// Words as the proxy wants them: a text or a pointer to one, and structs.
static void set(Text &to, const Text &v) { to = v; }
static void set(Text *&to, const Text &v) { to = new Text(v); }
template <class Struct> static void set(Struct *&to, const Pair &v) {
  to = new Struct;
  set(to->field, v.first), set(to->value, v.second);
}
template <class Struct> static void set(Struct *&to, const Criterion &v) {
  to = new Struct;
  set(to->field, v.field), set(to->op, v.op), set(to->value, v.value);
}
template <class Struct> static void set(Struct *&to, const RowCriterion &v) {
  to = new Struct;
  set(to->columnId, v.column), set(to->op, v.op), set(to->value, v.value), set(to->logicalOp, v.logical);
}

// The parts of an answer, or the members of a struct in it. Arrays are read with
// items, which each style has, and structs with members, which each port has.
class Answer {
  Text line;
  size_t parts = 0;
  bool failed = false;

  static Text str(const Text &v) { return v; }
  static Text str(const Text *v) { return v ? *v : ""; }
  static Text str(int v) { return std::to_string(v); }

  Answer &word(const Text &w) {
    line += '\t';
    for (char c : w) line += c == '\\' ? "\\\\" : c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : Text(1, c);
    return *this;
  }
  Answer &part(const char *kind, const Text &name, const Text &value) {
    parts++;
    return word(kind).word(name).word(value);
  }
  Answer &add(const Answer &s) {
    line += s.line;
    return *this;
  }

public:
  template <class Value> Answer &text(const Text &name, const Value &v) { return part("s", name, str(v)); }
  Answer &boolean(const Text &name, bool v) { return text(name, v ? "true" : "false"); }
  // The words have bytes in Base64, the proxy has them as they are.
  template <class Bytes> Answer &bytes(const Text &name, const Bytes *b) {
    return text(name, b && b->__size ? soap_s2base64(proxy.soap, b->__ptr, NULL, b->__size) : "");
  }
  template <class Array> Answer &list(const Text &name, const Array *a) {
    auto all = items(a);
    part("l", name, str(all.size()));
    for (auto &v : all) word(str(v));
    return *this;
  }
  template <class Array> Answer &structs(const Text &name, const Array *a) {
    auto all = items(a);
    part("r", name, str(all.size()));
    for (auto s : all) add(members(s).counted());
    return *this;
  }
  template <class Struct> Answer &one(const Text &name, const Struct *s) {
    return s ? part("r", name, "1").add(members(s).counted()) : part("r", name, "0");
  }
  template <class Array> Answer &arrays(const Text &name, const Array *a) {
    auto all = items(a);
    part("a", name, str(all.size()));
    for (auto row : all) add(Answer().structs("", row));
    return *this;
  }
  Answer &fault(const Text &why) {
    failed = true;
    line.clear();
    return word(why);
  }
  Text said() const { return (failed ? "fault" : "ok") + line; }

private:
  Answer counted() const { return Answer().word(str(parts)).add(*this); }
};

// Every port has this one.
static Answer members(const ns1__ResultStruct *s) { return Answer().text("field", s->field).text("value", s->value).text("type", s->type); }

// Answers every line of standard input with what make says.
static int serve(std::function<void(Call &, Answer &)> make) {
  proxy.soap_endpoint = getenv("ENDPOINT");
  for (Text line; std::getline(std::cin, line);) {
    Answer answer;
    try {
      Call call(line);
      make(call, answer);
    } catch (std::exception &e) {
      answer.fault(e.what());
    }
    std::cout << answer.said() << std::endl;
  }
  return 0;
}
