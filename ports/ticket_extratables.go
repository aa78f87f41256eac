package ports

import (
	"context"
	"strconv"

	"skranke/desk"
	"skranke/soap"
)

// tableOps are the methods of the ticket port about extra tables.
func (p *Ports) tableOps() []soap.Op {
	return []soap.Op{
		asUser(p, "getExtraTables", "Lists the extra tables and their columns.", p.getExtraTables),
		asUser(p, "getExtraTable", "Returns one extra table and its columns.", p.getExtraTable).Alias("getExtra"),
		asUser(p, "queryExtraTable", "Searches the rows of an extra table.", p.queryExtraTable),
		soap.Method("insertIntoExtraTable", "Stores a row of an extra table.", p.insertIntoExtraTable),
		asUser(p, "deleteExtraTableRow", "Deletes a row of an extra table.", p.deleteExtraTableRow).Alias("deleteExtraTableRows"),
	}
}

// ExtraTableFieldStruct describes a column of an extra table.
type ExtraTableFieldStruct struct {
	ID       string `soap:"id"`
	Name     string `soap:"name"`
	Datatype string `soap:"datatype"`
	Flags    string `soap:"flags"`
}

// ExtraTablesStruct describes an extra table.
type ExtraTablesStruct struct {
	ID     string                  `soap:"id"`
	Name   string                  `soap:"name"`
	Flags  string                  `soap:"flags"`
	Fields []ExtraTableFieldStruct `soap:"fields"`
}

// ExtraTableCriteriaStruct is one condition of a search in an extra table.
type ExtraTableCriteriaStruct struct {
	ColumnID  string `soap:"columnId"`
	Op        string `soap:"op"`
	Value     string `soap:"value"`
	LogicalOp string `soap:"logicalOp"`

	// MaxEntries stands here in the manual's example, where it means the call's.
	//
	// Spec: tt/struct.3, ticket/queryExtraTable.10
	MaxEntries string `soap:"maxEntries,hidden"`
}

// ExtraTableColumnStruct is one value of a row of an extra table.
type ExtraTableColumnStruct struct {
	ColumnID     string `soap:"columnId"`
	ExtraFieldID string `soap:"extraFieldId"`
	Name         string `soap:"name"`
	Value        string `soap:"value"`
}

// ExtraTableRowStruct is a row of an extra table.
type ExtraTableRowStruct struct {
	Columns []ExtraTableColumnStruct `soap:"columns"`
}

type getExtraTablesOut struct {
	ExtraTables []ExtraTablesStruct `soap:"extraTables"`
}

// Spec: ticket/getExtraTables
func (p *Ports) getExtraTables(ctx context.Context, _ desk.Actor, _ *Session) (getExtraTablesOut, error) {
	tables, err := p.desk.ExtraTables(ctx)
	if err != nil {
		return getExtraTablesOut{}, err
	}
	list := make([]ExtraTablesStruct, len(tables))
	for i := range tables {
		list[i] = extraTable(&tables[i])
	}
	return getExtraTablesOut{list}, nil
}

func extraTable(t *desk.ExtraTable) ExtraTablesStruct {
	out := ExtraTablesStruct{number(t.ID), t.Label, bits(t.Flags), make([]ExtraTableFieldStruct, len(t.Columns))}
	for i, f := range t.Columns {
		out.Fields[i] = ExtraTableFieldStruct{number(f.ID), f.Label, f.Type().String(), bits(f.Flags)}
	}
	return out
}

// bits prints the sum of flags.
func bits[T ~uint32](flags T) string { return strconv.FormatUint(uint64(flags), 10) }

type extraTableIn struct {
	Session
	TableID string `soap:"tableId"`
}

type getExtraTableOut struct {
	ExtraTable ExtraTablesStruct `soap:"extraTable"`
}

// Spec: ticket/getExtraTable
func (p *Ports) getExtraTable(ctx context.Context, _ desk.Actor, in *extraTableIn) (getExtraTableOut, error) {
	table, err := p.desk.ExtraTable(ctx, in.TableID)
	if err != nil {
		return getExtraTableOut{}, err
	}
	return getExtraTableOut{extraTable(&table)}, nil
}

type queryExtraTableIn struct {
	Session
	TableID      string                     `soap:"tableId"`
	Fields       []string                   `soap:"fields"`
	Criterias    []ExtraTableCriteriaStruct `soap:"criterias"`
	OrderByField string                     `soap:"orderByField"`
	MaxEntries   string                     `soap:"maxEntries"`
	Ascending    string                     `soap:"ascending"`
}

type queryExtraTableOut struct {
	Rows []ExtraTableRowStruct `soap:"rows"`
}

// Spec: ticket/queryExtraTable, types/input.4
func (p *Ports) queryExtraTable(ctx context.Context, _ desk.Actor, in *queryExtraTableIn) (queryExtraTableOut, error) {
	query := desk.RowQuery{Table: in.TableID, Order: in.OrderByField, Limit: text(in.MaxEntries), Ascending: in.Ascending}
	for _, name := range in.Fields {
		if text(name) != "" {
			query.Columns = append(query.Columns, name)
		}
	}
	for _, c := range in.Criterias {
		if query.Limit == "" {
			query.Limit = text(c.MaxEntries)
		}
		if c.MaxEntries = ""; c != (ExtraTableCriteriaStruct{}) {
			query.Criteria = append(query.Criteria, desk.RowCriterion{Column: c.ColumnID, Op: c.Op, Value: c.Value, Logical: c.LogicalOp})
		}
	}
	found, err := p.desk.QueryExtraTable(ctx, query)
	if err != nil {
		return queryExtraTableOut{}, err
	}
	rows := make([]ExtraTableRowStruct, len(found))
	for i, values := range found {
		columns := make([]ExtraTableColumnStruct, len(values))
		for j, v := range values {
			columns[j] = ExtraTableColumnStruct{strconv.Itoa(j), number(v.Column), v.Name, v.Type.Format(v.Value, p.zone)}
		}
		rows[i].Columns = columns
	}
	return queryExtraTableOut{rows}, nil
}

type insertIntoExtraTableIn struct {
	Session
	TableID      string            `soap:"tableId"`
	RowID        string            `soap:"rowId"`
	ColumnValues []ValuePairStruct `soap:"columnValues,alias=values"`
}

type insertIntoExtraTableOut struct {
	RowID string `soap:"rowId"`
}

// insertIntoExtraTable answers the rowId it got when it fails, whatever for: the
// caller has handed over a variable that must not be lost.
//
// Spec: ticket/insertIntoExtraTable.2
func (p *Ports) insertIntoExtraTable(ctx context.Context, in *insertIntoExtraTableIn) (insertIntoExtraTableOut, error) {
	out, err := resumed(ctx, p, desk.ForUser, in, p.putExtraRow)
	if err != nil {
		out.RowID = in.RowID
	}
	return out, err
}

// Spec: ticket/insertIntoExtraTable
func (p *Ports) putExtraRow(ctx context.Context, a desk.Actor, in *insertIntoExtraTableIn) (insertIntoExtraTableOut, error) {
	row, err := p.desk.PutExtraRow(ctx, a, in.TableID, in.RowID, pairs(in.ColumnValues))
	return insertIntoExtraTableOut{number(row)}, err
}

type deleteExtraTableRowIn struct {
	Session
	TableID string `soap:"tableId"`
	RowID   string `soap:"rowId"`
}

// Spec: ticket/deleteExtraTableRow
func (p *Ports) deleteExtraTableRow(ctx context.Context, a desk.Actor, in *deleteExtraTableRowIn) (struct{}, error) {
	return struct{}{}, p.desk.DeleteExtraRow(ctx, a, in.TableID, in.RowID)
}
