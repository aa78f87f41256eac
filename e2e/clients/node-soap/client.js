// node-soap, told what to call line by line (../README.md).
'use strict';
const readline = require('readline');
const soap = require('soap');

const rpc = process.env.STYLE === 'rpc';
const escapes = { '\\': '\\', t: '\t', n: '\n', r: '\r', 0: '\0' };
const letters = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

// In encoded style the package knows nothing of arrays: their type is the caller's.
const array = (type, list) => rpc
  ? { attributes: { 'soapenc:arrayType': `${type}[${list.length}]`, 'xmlns:soapenc': 'http://schemas.xmlsoap.org/soap/encoding/' }, item: list }
  : { item: list };

const structs = {
  p: ['tns:ValuePairStruct', ['field', 'value']],
  c: ['tns:CriteriaStruct', ['field', 'op', 'value']],
  q: ['tns:ExtraTableCriteriaStruct', ['columnId', 'op', 'value', 'logicalOp']],
};

// Base64 (kind x) is a text to the package: the caller encodes and decodes it.
function read(words) {
  const params = {};
  while (words.length) {
    const [kind, name, value] = words.splice(0, 3);
    params[name] = value;
    if (kind === 'b') params[name] = value === 'true';
    if (kind === 'l') params[name] = array('xsd:string', words.splice(0, Number(value)).map((w) => (w === '\0' ? null : w)));
    if (kind in structs) {
      const [type, members] = structs[kind];
      params[name] = array(type, Array.from({ length: Number(value) }, () => Object.fromEntries(members.map((m) => [m, words.shift()]))));
    }
  }
  return params;
}

const isObject = (v) => v !== null && typeof v === 'object' && !(v instanceof Date);

// A value: the package wraps one that has attributes in an object.
function bare(v) {
  if (!isObject(v) || Array.isArray(v)) return v;
  if ('$value' in v) return v.$value;
  const { attributes, ...rest } = v;
  return Object.keys(rest).length ? rest : '';
}

const text = (v) => { v = bare(v); return v === null || v === undefined ? '' : String(v); };

// An array is an object with one list, which is no list when there is only one
// item, and no object when there is none.
function plain(v) {
  v = bare(v);
  return isObject(v) && Object.keys(v).join() === 'item' ? [].concat(v.item) : v;
}

function part(name, v) {
  v = plain(v);
  if (!isObject(v)) return ['s', name, text(v)];
  const items = [].concat(v).map(plain);
  if (items.some(Array.isArray)) return ['a', name, items.length, ...items.flatMap((i) => part('', i))];
  if (!isObject(items[0])) return ['l', name, items.length, ...items.map(text)];
  return ['r', name, items.length, ...items.flatMap((s) => [Object.keys(s).length, ...Object.entries(s).flatMap(([k, m]) => part(k, m))])];
}

(async () => {
  const client = await soap.createClientAsync(process.env.WSDL, { preserveWhitespace: true });
  client.setEndpoint(process.env.ENDPOINT);
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const [op, ...words] = line.split('\t').map((w) => w.replace(/\\(.)/g, (_, c) => escapes[c]));
    let answer;
    try {
      // In rpc style the package refuses a call without parameters unless they are null.
      const [parts] = await client[op + 'Async'](words.length ? read(words) : null);
      answer = ['ok', ...Object.entries(bare(parts)).flatMap(([name, v]) => part(name, v))];
    } catch (e) {
      answer = ['fault', e.root && e.root.Envelope ? JSON.stringify(e.root.Envelope.Body.Fault) : String(e.stack || e)];
    }
    console.log(answer.map((w) => String(w).replace(/[\\\t\n\r]/g, (c) => letters[c])).join('\t'));
  }
})();
