package skranke

// Ids of extra tables and of their rows. Each table counts its rows itself.
type (
	ExtraTableID int64
	ExtraRowID   int64
)

// ExtraTableFlags steer an extra table.
type ExtraTableFlags uint32

// The flags of extra tables.
const (
	TableHidden  ExtraTableFlags = 1
	TableDeleted ExtraTableFlags = 1 << 8
)

// ExtraTable is a table an administrator added. Its columns are the extra
// fields of DomainTable that name it.
type ExtraTable struct {
	ID        ExtraTableID
	TableName string // database name, y_...
	Label     string // outward name
	Flags     ExtraTableFlags
	Display   ExtraFieldID // the column that stands for a row where others point to it; 0 for the row's id
	Order     ExtraFieldID // the column its rows are sorted by when nobody says; 0 for the row's id
}

// Exists says whether the table is there for anybody.
func (t *ExtraTable) Exists() bool { return t.Flags&TableDeleted == 0 }

// ExtraRow is a row of an extra table. Columns that are not set are not in Values.
type ExtraRow struct {
	Table  ExtraTableID
	ID     ExtraRowID
	Values []ExtraValue
}

// Value is the value of a column, unset if the row has none.
func (r *ExtraRow) Value(column ExtraFieldID) Value {
	for i := range r.Values {
		if r.Values[i].Field == column {
			return r.Values[i].Value
		}
	}
	return Value{}
}
