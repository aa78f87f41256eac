package desk

import (
	"testing"

	"skranke"
	"skranke/store"
)

// Parents that form a circle still make a tree: every parent stands before its
// children, and none is lost.
func TestCategoriesInACircle(t *testing.T) {
	c := newCatalog(&store.Catalog{Categories: []skranke.Category{
		{ID: 1, Parent: 2, Name: "one"}, {ID: 2, Parent: 3, Name: "two"}, {ID: 3, Parent: 1, Name: "three"},
		{ID: 4, Parent: 4, Name: "own parent"}, {ID: 5, Parent: 99, Name: "orphan"}, {ID: 6, Parent: 3, Name: "below the circle"},
	}})
	for name, list := range map[string][]ListedCategory{"all": c.allCategories, "external": c.externalCategories} {
		seen := map[skranke.CategoryID]bool{0: true}
		for _, category := range list {
			if !seen[category.Parent] { // customer.getCategories.5
				t.Errorf("%s: category %d stands before its parent %d", name, category.ID, category.Parent)
			}
			seen[category.ID] = true
		}
		if len(seen) != 7 || len(list) != 6 {
			t.Errorf("%s: listed %v", name, list)
		}
	}
}
