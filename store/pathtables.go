package store

import (
	"maps"

	"skranke"
)

// placeTable is where a table of dot syntax is kept. In SQL texts @ stands for
// the row.
type placeTable struct {
	from    string
	present string // what its rows must meet to be there for anybody; "" for all
	columns map[string]placeColumn
}

// placeColumn is the value of a column. A text may also stand folded; what
// nothing is kept for is NULL.
type placeColumn struct{ sql, folded string }

// Rows that have no id of their own are told apart by their owner's and their place.
const ranked = " * 1000000 + @.rank + 1"

// blanks are the white space that a full name is trimmed of.
const blanks = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// categoryPath is the names of a category and all above it, joined by "/".
const categoryPath = `(WITH RECURSIVE up (parent_id, path, depth) AS (
	SELECT k.parent_id, k.name, 1 FROM category k WHERE k.id = @.id
	UNION ALL
	SELECT k.parent_id, k.name || '/' || up.path, up.depth + 1 FROM up JOIN category k ON k.id = up.parent_id WHERE up.depth < 100)
	SELECT path FROM up ORDER BY depth DESC LIMIT 1)`

// placeTables are the tables of dot syntax, by the names Path has for tables and
// columns.
//
// Spec: tt/dot.4, tt/dot.6
var placeTables = map[string]placeTable{
	"person": {from: "customer", present: "NOT @.deleted", columns: withCard(map[string]placeColumn{
		"person_id":          {sql: "@.id"},
		"contact_id":         {sql: "@.company_id"},
		"lastname":           {sql: "@.last_name", folded: "@.last_name_fold"},
		"firstname":          {sql: "@.first_name", folded: "@.first_name_fold"},
		"middleName":         {sql: "@.middle_name"},
		"fullName":           {sql: "CASE WHEN @.full_name <> '' THEN @.full_name ELSE TRIM(@.first_name || ' ' || @.last_name, '" + blanks + "') END", folded: "@.name_fold"},
		"mrmrs":              {sql: "@.mr_mrs"},
		"title":              {sql: "@.title"},
		"salutation":         {sql: "@.salutation"},
		"department":         {sql: "@.department"},
		"initials":           {sql: "@.initials"},
		"person_number":      {sql: "@.person_number"},
		"rank":               {sql: "@.rank"},
		"gender":             {sql: "@.gender"},
		"year_of_birth":      {sql: "@.birth_year"},
		"month_of_birth":     {sql: "@.birth_month"},
		"day_of_birth":       {sql: "@.birth_day"},
		"sentInfo":           {sql: "@.sent_info"},
		"retired":            {sql: "@.retired"},
		"showContactTickets": {sql: "@.company_access"},
		"supportAssociateId": {sql: "@.our_contact_id"},
	})},
	"contact": {from: "company", present: "NOT @.deleted", columns: withCard(map[string]placeColumn{
		"contact_id":         {sql: "@.id"},
		"name":               {sql: "@.name", folded: "@.name_fold"},
		"department":         {sql: "@.department"},
		"number1":            {sql: "@.number1"},
		"number2":            {sql: "@.number2"},
		"orgNr":              {sql: "@.org_number"},
		"xstop":              {sql: "@.stopped"},
		"associate_id":       {sql: "@.our_sales_id"},
		"supportAssociateId": {sql: "@.our_contact_id"},
		"supportPersonId":    {sql: "@.prim_contact_id"},
	})},
	"email": {from: "customer_email", columns: map[string]placeColumn{
		"email_id":      {sql: "@.customer_id" + ranked},
		"person_id":     {sql: "@.customer_id"},
		"contact_id":    {sql: "NULL", folded: "NULL"},
		"email_address": {sql: "@.email", folded: "@.email_fold"},
		"description":   {sql: "NULL", folded: "NULL"},
		"rank":          {sql: "@.rank"},
		"protocol":      {sql: "NULL", folded: "NULL"},
		"type":          {sql: "NULL", folded: "NULL"},
		"bounceCount":   {sql: "NULL", folded: "NULL"},
		"lastBounce":    {sql: "NULL", folded: "NULL"},
		"lastSent":      {sql: "NULL", folded: "NULL"},
	}},
	"ticket_customers": {from: "ticket_customer", columns: map[string]placeColumn{
		"id":          {sql: "@.ticket_id" + ranked},
		"ticket_id":   {sql: "@.ticket_id"},
		"customer_id": {sql: "@.customer_id"},
	}},
	"ticket": {from: "ticket", columns: map[string]placeColumn{
		"id":             {sql: "@.id"},
		"title":          {sql: "@.title", folded: "@.title_fold"},
		"created_at":     {sql: "@.created_at"},
		"last_changed":   {sql: "@.last_changed"},
		"closed_at":      {sql: "@.closed_at"},
		"replied_at":     {sql: "@.replied_at"},
		"status":         {sql: "@.status"},
		"slevel":         {sql: "@.slevel"},
		"author":         {sql: "@.author", folded: "@.author_fold"},
		"category":       {sql: "@.category_id"},
		"priority":       {sql: "@.priority_id"},
		"owned_by":       {sql: "@.owner_id"},
		"created_by":     {sql: "@.created_by"},
		"cust_id":        {sql: "@.customer_id"},
		"has_attachment": {sql: "@.has_attachment"},
		"read_status":    {sql: "@.read_status"},
	}},
	"company_domain": {from: "company_domain", columns: map[string]placeColumn{
		"id":          {sql: "@.company_id" + ranked},
		"company_id":  {sql: "@.company_id"},
		"domain_name": {sql: "@.domain", folded: "@.domain_fold"},
		"rank":        {sql: "@.rank"},
	}},
	"ej_category": {from: "category", columns: map[string]placeColumn{
		"id":            {sql: "@.id"},
		"parent_id":     {sql: "@.parent_id"},
		"name":          {sql: "@.name"},
		"fullname":      {sql: categoryPath},
		"external_name": {sql: "@.external_name"},
	}},
	"ticket_priority": {from: "priority", columns: map[string]placeColumn{
		"id":         {sql: "@.id"},
		"name":       {sql: "@.name"},
		"sort_order": {sql: "@.sort_order"},
	}},
	"cust_lang": {from: "language", columns: map[string]placeColumn{
		"id":         {sql: "@.id"},
		"name":       {sql: "@.name"},
		"lang_code":  {sql: "@.code"},
		"is_default": {sql: "@.is_default"},
	}},
	"ejuser": {from: "agent", columns: map[string]placeColumn{
		"id":         {sql: "@.id"},
		"loginname":  {sql: "@.login_name", folded: "@.login_fold"},
		"username":   {sql: "@.user_name", folded: "@.user_name_fold"},
		"firstname":  {sql: "@.first_name"},
		"middlename": {sql: "@.middle_name"},
		"lastname":   {sql: "@.last_name"},
		"email":      {sql: "@.email", folded: "@.email_fold"},
	}},
	"country": {from: "country", columns: map[string]placeColumn{
		"country_id":   {sql: "@.id"},
		"name":         {sql: "@.name"},
		"english_name": {sql: "@.english_name"},
	}},
	"business": {from: "business", columns: map[string]placeColumn{
		"business_id": {sql: "@.id"},
		"name":        {sql: "@.name"},
	}},
	"category": {from: "contact_category", columns: map[string]placeColumn{
		"category_id": {sql: "@.id"},
		"name":        {sql: "@.name"},
	}},
	"dbi_agent": {from: "sync_agent", columns: map[string]placeColumn{
		"id":        {sql: "@.id"},
		"name":      {sql: "@.name"},
		"id_string": {sql: "@.id_string"},
	}},
}

// cardPlaces are the columns that persons and companies share.
var cardPlaces = map[string]placeColumn{
	"country_id":           {sql: "@.country_id"},
	"business_idx":         {sql: "@.business_id"},
	"category_idx":         {sql: "@.contact_category_id"},
	"nomailing":            {sql: "@.no_mailing"},
	"source":               {sql: "@.source"},
	"registered":           {sql: "@.registered"},
	"updated":              {sql: "@.updated"},
	"ticketPriorityId":     {sql: "@.priority_id"},
	"supportLanguageId":    {sql: "@.language_id"},
	"dbi_agent_id":         {sql: "@.ext_table"},
	"dbi_key":              {sql: "@.ext_key"},
	"dbi_last_syncronized": {sql: "@.synced_at"},
	"dbi_last_modified":    {sql: "@.sync_modified"},
}

func withCard(columns map[string]placeColumn) map[string]placeColumn {
	maps.Copy(columns, cardPlaces) // of a map nobody else has yet
	return columns
}

// foundCompany is a company as searches for companies name its fields.
var foundCompany = placeTable{from: "company", present: "NOT @.deleted", columns: map[string]placeColumn{
	"contact.id":           {sql: "@.id"},
	"contact.name":         {sql: "@.name", folded: "@.name_fold"},
	"contact.note":         {sql: "@.note"},
	"contact.phone":        {sql: "@.phone"},
	"contact.fax":          {sql: "@.fax"},
	"contact.adr":          {sql: "@.address"},
	"contact.our_contact":  {sql: "@.our_contact_id"},
	"contact.priority_id":  {sql: "@.priority_id"},
	skranke.CompanyDomains: {sql: "COALESCE((SELECT STRING_AGG(d.domain, ',' ORDER BY d.rank) FROM company_domain d WHERE d.company_id = @.id), '')"},
}}

// tableOf is where the rows of a table of dot syntax are kept.
func tableOf(t *skranke.PathTable) placeTable {
	if t == skranke.CompanyTable() {
		return foundCompany
	}
	return placeTables[t.Name]
}

// rowKey is where the key of the table stands in row n of a statement.
func rowKey(t *skranke.PathTable, n int) string { return valueIn(t, t.Key(), n) }

// valueIn is where the value of a column of the table stands in row n.
func valueIn(t *skranke.PathTable, c *skranke.PathColumn, n int) string {
	return ofRow(tableOf(t).columns[c.Name].sql, n)
}
