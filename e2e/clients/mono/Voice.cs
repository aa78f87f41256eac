using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

// The words of a call, taken in order.
class Call {
	readonly Queue<string> words;
	public readonly string Method;

	public Call(IEnumerable<string> line) {
		words = new Queue<string>(line);
		Method = words.Dequeue();
	}

	string Value(string kind) {
		string got = words.Dequeue(), name = words.Dequeue();
		if (got != kind) throw new ArgumentException(name + " is of kind " + got + ", want " + kind);
		return words.Dequeue();
	}

	public string Text() { return Value("s"); }

	public bool Bool() { return Value("b") == "true"; }

	public int Int() { return int.Parse(Text()); }

	public byte[] Bytes() { return Convert.FromBase64String(Value("x")); }

	public string[] List() { return Enumerable.Range(0, int.Parse(Value("l"))).Select(i => words.Dequeue()).Select(w => w == "\0" ? null : w).ToArray(); }

	public T[] Pairs<T>() where T : new() { return Structs<T>("p", "field", "value"); }

	public T[] Criteria<T>() where T : new() { return Structs<T>("c", "field", "op", "value"); }

	public T[] RowCriteria<T>() where T : new() { return Structs<T>("q", "columnId", "op", "value", "logicalOp"); }

	T[] Structs<T>(string kind, params string[] members) where T : new() {
		return Enumerable.Range(0, int.Parse(Value(kind))).Select(i => {
			var made = new T();
			foreach (var member in members) typeof(T).GetProperty(member).SetValue(made, words.Dequeue());
			return made;
		}).ToArray();
	}
}

// The parts of an answer, or the members of a struct in it.
class Answer {
	public readonly List<string> Words = new List<string>();
	int parts;

	Answer Part(string kind, string name, string value) {
		Words.AddRange(new[] { kind, name, value ?? "" });
		parts++;
		return this;
	}

	public Answer Text(string name, string value) { return Part("s", name, value); }

	public Answer Bool(string name, bool value) { return Text(name, value ? "true" : "false"); }

	public Answer Bytes(string name, byte[] value) { return Text(name, Convert.ToBase64String(value ?? new byte[0])); }

	public Answer List<T>(string name, T[] list) {
		list = list ?? new T[0];
		Part("l", name, list.Length.ToString());
		Words.AddRange(list.Select(v => Convert.ToString(v) ?? ""));
		return this;
	}

	public Answer Structs(string name, object[] list) {
		list = list ?? new object[0];
		Part("r", name, list.Length.ToString());
		foreach (var members in list.Select(Members)) {
			Words.Add(members.parts.ToString());
			Words.AddRange(members.Words);
		}
		return this;
	}

	public Answer One(string name, object made) { return Structs(name, made == null ? null : new[] { made }); }

	public Answer Arrays(string name, object[][] lists) {
		lists = lists ?? new object[0][];
		Part("a", name, lists.Length.ToString());
		foreach (var list in lists) Words.AddRange(new Answer().Structs("", list).Words);
		return this;
	}

	// A struct is a class of the proxy, its members are the properties.
	static Answer Members(object made) {
		var members = new Answer();
		foreach (var p in made.GetType().GetProperties()) {
			var value = p.GetValue(made);
			if (p.PropertyType.IsArray) members.Structs(p.Name, (object[])value);
			else if (value is bool) members.Bool(p.Name, (bool)value);
			else members.Text(p.Name, Convert.ToString(value));
		}
		return members;
	}
}

static class Voice {
	static string Unescape(string word) {
		var text = new StringBuilder();
		for (int i = 0; i < word.Length; i++)
			if (word[i] != '\\') text.Append(word[i]);
			else switch (word[++i]) {
				case 't': text.Append('\t'); break;
				case 'n': text.Append('\n'); break;
				case 'r': text.Append('\r'); break;
				case '0': text.Append('\0'); break;
				default: text.Append(word[i]); break;
			}
		return text.ToString();
	}

	static string Escape(string word) {
		return word.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n").Replace("\r", "\\r");
	}

	public static readonly string Endpoint = Environment.GetEnvironmentVariable("ENDPOINT");

	// Answers every line of standard input with what make says.
	public static void Serve(Func<Call, Answer> make) {
		var plain = new UTF8Encoding(false);
		var input = new StreamReader(Console.OpenStandardInput(), plain);
		var output = new StreamWriter(Console.OpenStandardOutput(), plain) { AutoFlush = true, NewLine = "\n" };
		for (string line; (line = input.ReadLine()) != null;) {
			IEnumerable<string> words;
			try {
				words = make(new Call(line.Split('\t').Select(Unescape))).Words.Prepend("ok");
			} catch (Exception e) {
				words = new[] { "fault", e.GetType().Name + ": " + e.Message };
			}
			output.WriteLine(string.Join("\t", words.Select(Escape)));
		}
	}
}
