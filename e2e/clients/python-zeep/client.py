"""zeep, told what to call line by line (../README.md)."""

import base64
import os
import sys

import zeep
import zeep.helpers

HERE = os.path.dirname(os.path.abspath(__file__))
ENCODED = os.environ["STYLE"] == "rpc"
ESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "0": "\0"}
# In document style zeep refuses to send a null where the WSDL does not say that it may be.
null = None if ENCODED else ""
STRUCTS = {"p": ("ValuePairStruct", ["field", "value"]), "c": ("CriteriaStruct", ["field", "op", "value"]),
           "q": ("ExtraTableCriteriaStruct", ["columnId", "op", "value", "logicalOp"])}


class Transport(zeep.Transport):
    """For an rpc WSDL zeep fetches the schema of SOAP encoding from the net; here it gets the part it needs."""

    def load(self, url):
        if url.startswith("http://schemas.xmlsoap.org/soap/encoding"):
            with open(os.path.join(HERE, "encoding.xsd"), "rb") as f:
                return f.read()
        return super().load(url)


client = zeep.Client(os.environ["WSDL"], transport=Transport())
service = client.create_service(client.service._binding.name, os.environ["ENDPOINT"])


def array(items, item_type):
    """An array is an object with one list; in encoded style an instance of the array type, which zeep refuses to make empty."""
    if not ENCODED:
        return {"item": items}
    if not items:
        return zeep.xsd.SkipValue
    for prefix in ("ns0:", "ns1:", "ns2:"):
        for name in [item_type] if item_type else ["String", "string"]:
            try:
                made = [client.get_type(prefix + item_type)(**x) for x in items] if item_type else items
                return client.get_type(prefix + "ArrayOf" + name)(made)
            except zeep.exceptions.LookupError:
                pass
    raise LookupError("no array type for " + (item_type or "string"))


def read(words):
    params, i = {}, 0
    while i < len(words):
        kind, name, value = words[i : i + 3]
        i += 3
        if kind == "b":
            value = value == "true"
        elif kind == "x":
            value = base64.b64decode(value)
        elif kind == "l":
            n = int(value)
            value = array([null if w == "\0" else w for w in words[i : i + n]], None)
            i += n
        elif kind in STRUCTS:
            item_type, members = STRUCTS[kind]
            n = len(members) * int(value)
            value = array([dict(zip(members, words[j:])) for j in range(i, i + n, len(members))], item_type)
            i += n
        params[name] = value
    return params


def text(v):
    if isinstance(v, bytes):
        return base64.b64encode(v).decode()
    return "" if v is None else str(v).lower() if isinstance(v, bool) else str(v)


def plain(v):
    """Takes an array out of the object it is in."""
    if isinstance(v, dict):
        if "_value_1" in v:  # an encoded array
            return v["_value_1"] or []
        if list(v) == ["item"]:
            return v["item"] or []
    return v


def part(name, v):
    v = plain(v)
    if isinstance(v, dict):
        v = [v]
    if not isinstance(v, list):
        return ["s", name, text(v)]
    items = [plain(x) for x in v]
    if any(isinstance(x, list) for x in items):
        return ["a", name, str(len(items))] + [w for x in items for w in part("", x)]
    if not items or not isinstance(items[0], dict):
        return ["l", name, str(len(items))] + [text(x) for x in items]
    words = ["r", name, str(len(items))]
    for struct in items:
        words.append(str(len(struct)))
        for k, m in struct.items():
            words += part(k, m)
    return words


def unescape(word):
    out, letters = [], iter(word)
    for c in letters:
        out.append(ESCAPES[next(letters)] if c == "\\" else c)
    return "".join(out)


def escape(word):
    return word.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


sys.stdin.reconfigure(encoding="utf-8", newline="\n")
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for line in sys.stdin:
    words = [unescape(w) for w in line.rstrip("\n").split("\t")]
    try:
        r = zeep.helpers.serialize_object(getattr(service, words[0])(**read(words[1:])), dict)
        if not isinstance(r, dict):  # a single out part is unwrapped
            r = {"": r}
        answer = ["ok"]
        for name, v in r.items():
            answer += part(name, v)
    except Exception as e:
        answer = ["fault", type(e).__name__ + ": " + str(e)]
    print("\t".join(escape(w) for w in answer), flush=True)
