// The words of calls and answers (../README.md).
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
  std::vector<std::pair<Text, Text>> pairs() {
    std::vector<std::pair<Text, Text>> all(std::stoul(value("p")));
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

// The parts of an answer, or the members of a struct in it.
class Answer {
  Text line;
  size_t parts = 0;

  Answer &word(const Text &w) {
    line += '\t';
    for (char c : w) line += c == '\\' ? "\\\\" : c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : Text(1, c);
    return *this;
  }
  Answer &part(const char *kind, const Text &name, const Text &value) {
    parts++;
    return word(kind).word(name).word(value);
  }

public:
  Answer &text(const Text &name, const Text &value) { return part("s", name, value); }
  Answer &boolean(const Text &name, bool value) { return part("s", name, value ? "true" : "false"); }
  Answer &list(const Text &name, const List &all) {
    part("l", name, std::to_string(all.size()));
    for (auto &v : all) word(v);
    return *this;
  }
  Answer &structs(const Text &name, const std::vector<Answer> &all) {
    part("r", name, std::to_string(all.size()));
    for (auto &s : all) word(std::to_string(s.parts)).line += s.line;
    return *this;
  }
  Answer &arrays(const Text &name, const std::vector<std::vector<Answer>> &all) {
    part("a", name, std::to_string(all.size()));
    for (auto &s : all) line += Answer().structs("", s).line;
    return *this;
  }
  Answer &fault(const Text &why) {
    failed = true;
    line.clear();
    return word(why);
  }
  Text str() const { return (failed ? "fault" : "ok") + line; }

private:
  bool failed = false;
};

// Answers every line of standard input with what make says.
inline int serve(std::function<void(Call &, Answer &)> make) {
  for (Text line; std::getline(std::cin, line);) {
    Answer answer;
    try {
      Call call(line);
      make(call, answer);
    } catch (std::exception &e) {
      answer.fault(e.what());
    }
    std::cout << answer.str() << std::endl;
  }
  return 0;
}

// Makes what a proxy returns into an exception, unless it is SOAP_OK.
template <class Proxy> void check(Proxy &proxy, int rc) {
  if (rc == SOAP_OK) return;
  const char *s = soap_fault_string(proxy.soap);
  throw std::runtime_error(s ? s : "error " + std::to_string(rc));
}
