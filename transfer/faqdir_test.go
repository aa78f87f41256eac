package transfer_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"skranke"
	"skranke/transfer"
)

func TestReadFaqDir(t *testing.T) {
	dir := fstest.MapFS{}
	for name, text := range map[string]string{
		"hello.md":            "# Fish &amp; *chips* \\* `code`\r\n\r\nBlåbær",
		"named.markdown":      "no heading",
		"same.md":             "---\ntitle: Twice\n---\n# Twice\n\ntext",
		"other.md":            "\ufeff---\ntitle: \"One: two\"\nquestion: 'Why?'\nkeywords: [jam, \"the fuser\"]\naccess: Registered\nstate: unpublished\norder: -3\nlayout: x\n  title: nested\n---\n# Another\n",
		"open.md":             "---\nnot closed",
		"bad.txt":             "no article",
		"_draft.md":           "no article",
		".git/x.md":           "no article",
		"printers/index.md":   "---\ntitle: Skrivere\ndescription: All about them\naccess: internal\norder: 4\n---\nnot an entry",
		"printers/a/deep.md":  "deep",
		"printers/evil.md":    "a <script>alert(1)</script><b onclick=x()>b</b> [c](javascript:x()) <img src=x onerror=y()>\n\n| h |\n|---|\n| 1 |",
		"printers/no/image.x": "no article",
	} {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := transfer.ReadFaqDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var folders, pages []string
	for _, f := range tree.Folders {
		folders = append(folders, f.Path+"="+f.Title)
	}
	answers := map[string]string{}
	for _, p := range tree.Pages {
		pages = append(pages, p.Path+"="+p.Title+"/"+p.Question)
		answers[p.Path] = p.Answer
	}
	if got, want := strings.Join(folders, " "), "printers=Skrivere printers/a=a printers/no=no"; got != want {
		t.Errorf("got folders %q, want %q", got, want)
	}
	if got, want := strings.Join(pages, "\n"), strings.Join([]string{
		"hello.md=Fish & chips * code/Fish & chips * code", "named.markdown=named/named", "open.md=open/open", "other.md=One: two/Why?",
		"printers/a/deep.md=deep/deep", "printers/evil.md=evil/evil", "same.md=Twice/Twice",
	}, "\n"); got != want {
		t.Errorf("got pages\n%s\nwant\n%s", got, want)
	}
	for path, want := range map[string]string{
		"hello.md": "<p>Blåbær</p>", "same.md": "<p>text</p>", "other.md": "<h1>Another</h1>",
		"printers/evil.md": "<p>a <b>b</b> c <img src=\"x\"></p>\n<table>\n<thead>\n<tr>\n<th>h</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>",
	} {
		if answers[path] != want {
			t.Errorf("%s: got %q, want %q", path, answers[path], want)
		}
	}
	other, folder := tree.Pages[3], tree.Folders[0]
	if *other.Keywords != "jam the fuser" || *other.Access != skranke.FaqRegistered || *other.State != skranke.FaqUnpublished || *other.SortOrder != -3 {
		t.Errorf("got keywords %q, access %v, state %v, order %d", *other.Keywords, *other.Access, *other.State, *other.SortOrder)
	}
	if *folder.Description != "All about them" || *folder.Access != skranke.FaqInternal || *folder.SortOrder != 4 {
		t.Errorf("got folder %+v", folder)
	}
	if named := tree.Pages[1]; named.Keywords != nil || named.Access != nil || named.State != nil || named.SortOrder != nil {
		t.Errorf("a file that says nothing says %+v", named)
	}
}

func TestReadFaqDirRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"---\ntitle: x\naccess: all\n---\n": `a.md:3: access "all"`,
		"---\nstate: done\n---\n":           `a.md:2: state "done"`,
		"---\norder: first\n---\n":          `a.md:2: order "first"`,
		"bl\xe5":                            "a.md: not UTF-8",
		strings.Repeat("x", 4<<20+1):        "a.md: larger than 4 MiB",
	} {
		_, err := transfer.ReadFaqDir(t.Context(), fstest.MapFS{"a.md": &fstest.MapFile{Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", text, err, want)
		}
	}
}
