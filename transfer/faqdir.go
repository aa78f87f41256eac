package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"skranke"
	"skranke/desk"
)

// maxArticle bounds a Markdown file, in bytes.
const maxArticle = 4 << 20

// folderPage is the file that describes the folder it lies in.
const folderPage = "index.md"

// ReadFaqDir reads a folder of Markdown files as folders and entries of the
// FAQ: sub-folders are folders, files ending in .md or .markdown entries.
// Names that begin with a dot or underscore are passed over.
//
// A file may begin with lines "name: value" between two lines "---": title,
// question, keywords, access, state and order. Without a title the first
// heading is the title, else the file's name; without a question the title is
// the question. The rest is the answer, which becomes HTML; what could harm a
// reader is taken out. A file index.md says title, description, access and
// order of its folder, and is no entry.
func ReadFaqDir(ctx context.Context, dir fs.FS) (*desk.FaqPages, error) {
	pages := new(desk.FaqPages)
	r := articleReader{
		markdown: goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())),
		policy:   bluemonday.UGCPolicy(),
	}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		base := path.Base(name)
		hidden := name != "." && (base[0] == '.' || base[0] == '_')
		switch {
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir():
			if name == "." {
				return nil
			}
			folder, err := r.folder(dir, name)
			pages.Folders = append(pages.Folders, folder)
			return err
		case hidden || base == folderPage || path.Ext(base) != ".md" && path.Ext(base) != ".markdown":
			return nil
		}
		page, err := r.page(dir, name)
		pages.Pages = append(pages.Pages, page)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading articles: %w", err)
	}
	return pages, nil
}

// articleReader reads Markdown files.
type articleReader struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

func (r *articleReader) folder(dir fs.FS, name string) (desk.FaqPage, error) {
	page := desk.FaqPage{Path: name}
	_, err := r.read(dir, path.Join(name, folderPage), &page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return page, err
	}
	if page.Title == "" {
		page.Title = path.Base(name)
	}
	return page, nil
}

func (r *articleReader) page(dir fs.FS, name string) (desk.FaqPage, error) {
	page := desk.FaqPage{Path: name}
	body, err := r.read(dir, name, &page)
	if err != nil {
		return page, err
	}
	root := r.markdown.Parser().Parse(text.NewReader(body))
	if heading, ok := root.FirstChild().(*ast.Heading); ok {
		title := headingText(heading, body)
		if page.Title == "" || page.Title == title {
			page.Title = title
			root.RemoveChild(root, heading)
		}
	}
	if page.Title == "" {
		page.Title = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	if page.Question == "" {
		page.Question = page.Title
	}
	var rendered bytes.Buffer
	if err := r.markdown.Renderer().Render(&rendered, body, root); err != nil {
		return page, fmt.Errorf("%s: %w", name, err)
	}
	page.Answer = strings.TrimSpace(r.policy.SanitizeReader(&rendered).String())
	return page, nil
}

// read reads a file, takes what stands before the text into page and returns
// the text.
func (r *articleReader) read(dir fs.FS, name string, page *desk.FaqPage) ([]byte, error) {
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxArticle+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > maxArticle:
		return nil, fmt.Errorf("%s: larger than %d MiB", name, maxArticle>>20)
	case !utf8.Valid(content):
		return nil, fmt.Errorf("%s: not UTF-8", name)
	}
	content = bytes.ReplaceAll(bytes.TrimPrefix(content, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	head, body, ok := cutFrontMatter(content)
	if !ok {
		return content, nil
	}
	for i, line := range strings.Split(string(head), "\n") {
		if err := setArticle(page, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+2, err)
		}
	}
	return body, nil
}

// cutFrontMatter cuts off the lines between "---" and "---" a file begins with.
func cutFrontMatter(content []byte) (head, body []byte, ok bool) {
	rest, ok := bytes.CutPrefix(content, []byte("---\n"))
	if !ok {
		return nil, content, false
	}
	for at := 0; at < len(rest); {
		line, _, _ := bytes.Cut(rest[at:], []byte("\n"))
		if bytes.Equal(bytes.TrimRight(line, " \t"), []byte("---")) {
			return rest[:at], rest[min(at+len(line)+1, len(rest)):], true
		}
		at += len(line) + 1
	}
	return nil, content, false
}

// setArticle reads one line "name: value". Names nobody knows are passed over:
// files made for other programs have more of them.
func setArticle(page *desk.FaqPage, line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || strings.HasPrefix(line, "#") || strings.TrimSpace(name) != name {
		return nil
	}
	value = unquoted(strings.TrimSpace(value))
	switch strings.ToLower(name) {
	case "title":
		page.Title = value
	case "question":
		page.Question = value
	case "description":
		page.Description = &value
	case "keywords":
		words := strings.Join(strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(`,[]"' `, r) }), " ")
		page.Keywords = &words
	case "access":
		access, ok := skranke.ParseFaqAccess(value)
		if !ok {
			return fmt.Errorf("access %q: want private, internal, registered or everyone", value)
		}
		page.Access = &access
	case "state":
		state, ok := skranke.ParseFaqState(value)
		if !ok {
			return fmt.Errorf("state %q: want unpublished, published or expired", value)
		}
		page.State = &state
	case "order":
		order, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("order %q: want a whole number", value)
		}
		page.SortOrder = &order
	}
	return nil
}

// unquoted takes the quotes around a value away.
func unquoted(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// headingText is the text of a heading without its markup.
func headingText(node ast.Node, source []byte) string {
	var b strings.Builder
	// The walk cannot fail: its function returns no error.
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				value := util.UnescapePunctuations(n.Value(source))
				b.Write(util.ResolveNumericReferences(util.ResolveEntityNames(value)))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}
