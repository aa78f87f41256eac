package skranke

// The kinds of extra field, by their stored number.
const (
	ExtraInteger    ExtraKind = 1
	ExtraClob       ExtraKind = 2
	ExtraDate       ExtraKind = 3
	ExtraDateTime   ExtraKind = 4
	ExtraTime       ExtraKind = 5
	ExtraBool       ExtraKind = 6
	ExtraTimeSpan   ExtraKind = 7 // seconds
	ExtraFloat      ExtraKind = 8 // the product has floats but documents no number
	ExtraText       ExtraKind = 10
	ExtraCustomer   ExtraKind = 16
	ExtraCompany    ExtraKind = 17
	ExtraTicket     ExtraKind = 18
	ExtraUser       ExtraKind = 19
	ExtraTableRow   ExtraKind = 20
	ExtraAttachment ExtraKind = 22
	ExtraLink       ExtraKind = 23
	ExtraCategory   ExtraKind = 24
	ExtraPriority   ExtraKind = 25
	ExtraFAQ        ExtraKind = 26
)

// extraKinds maps each kind to its word on the command line and in files, and
// to the type its values have on the wire.
var extraKinds = map[ExtraKind]struct {
	word string
	typ  Type
}{
	ExtraInteger:    {"integer", TypeInteger},
	ExtraClob:       {"long-text", TypeClob},
	ExtraDate:       {"date", TypeDate},
	ExtraDateTime:   {"datetime", TypeDateTime},
	ExtraTime:       {"time", TypeTime},
	ExtraBool:       {"bool", TypeBool},
	ExtraTimeSpan:   {"timespan", TypeInteger},
	ExtraFloat:      {"float", TypeFloat},
	ExtraText:       {"text", TypeVarchar},
	ExtraCustomer:   {"customer", TypeCustomerID},
	ExtraCompany:    {"company", TypeCompanyID},
	ExtraTicket:     {"ticket", TypeRequestID},
	ExtraUser:       {"user", TypeUserID},
	ExtraTableRow:   {"extra-table", TypeForeignKey},
	ExtraAttachment: {"attachment", TypeForeignKey},
	ExtraLink:       {"link", TypeVarchar},
	ExtraCategory:   {"category", TypeForeignKey},
	ExtraPriority:   {"priority", TypeForeignKey},
	ExtraFAQ:        {"faq", TypeForeignKey},
}

// Type is the type the kind's values have on the wire; 0 for an unknown kind.
func (k ExtraKind) Type() Type { return extraKinds[k].typ }

// String is the kind's word on the command line and in files.
func (k ExtraKind) String() string { return extraKinds[k].word }

// ParseExtraKind reads a kind's word.
func ParseExtraKind(word string) (ExtraKind, bool) {
	for k, row := range extraKinds {
		if row.word == word {
			return k, true
		}
	}
	return 0, false
}

// Exists says whether the field is there for anybody.
func (f *ExtraField) Exists() bool { return f.Flags&ExtraDeleted == 0 }

// External says whether customers may see the field.
//
// Spec: types/extra.3, types/extra.4
func (f *ExtraField) External() bool {
	return f.Flags&(ExtraPublic|ExtraDeleted|ExtraHidden) == ExtraPublic
}

// Type is the type of the field's values on the wire.
func (f *ExtraField) Type() Type { return f.Kind.Type() }
