-- Words in braces differ between the databases, see dialect.go.
-- Times are Unix milliseconds UTC, NULL when not set. Columns ending in _fold
-- hold the folded text of the column beside them; searches compare those.
-- Large texts stand last in a row, so that reading the others does not pass them.

CREATE TABLE catalog (
	id      BIGINT NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL
);
INSERT INTO catalog (id, version) VALUES (1, 1), (2, 1); -- the lists; sessions and people

CREATE TABLE setting (
	name  {TEXT} NOT NULL PRIMARY KEY,
	value {TEXT} NOT NULL
);

CREATE TABLE language (
	id             {ID},
	name           {TEXT} NOT NULL,
	code           {TEXT} NOT NULL,
	virtual_domain {TEXT} NOT NULL,
	is_default     BOOLEAN NOT NULL,
	faq_root_id    BIGINT NOT NULL
);

CREATE TABLE language_category (
	id          {ID},
	language_id BIGINT NOT NULL,
	category_id BIGINT NOT NULL,
	parent_id   BIGINT NOT NULL,
	name        {TEXT} NOT NULL
);

CREATE TABLE address_range (
	id        {ID},
	port      {TEXT} NOT NULL,
	from_addr {TEXT} NOT NULL,
	to_addr   {TEXT} NOT NULL
);

CREATE TABLE priority (
	id         {ID},
	name       {TEXT} NOT NULL,
	sort_order BIGINT NOT NULL,
	external   BOOLEAN NOT NULL,
	is_default BOOLEAN NOT NULL,
	deleted    BOOLEAN NOT NULL,
	deadline   BIGINT NOT NULL, -- minutes, 0 for none
	schedule   BOOLEAN NOT NULL,
	-- what each event does to the escalation
	on_read     BIGINT NOT NULL,
	on_owner    BIGINT NOT NULL,
	on_new_info BIGINT NOT NULL,
	on_closed   BIGINT NOT NULL,
	on_priority BIGINT NOT NULL,
	on_new      BIGINT NOT NULL
);

CREATE TABLE priority_level (
	priority_id BIGINT NOT NULL REFERENCES priority (id),
	level       BIGINT NOT NULL,
	timeout     BIGINT NOT NULL, -- minutes
	reassign    BIGINT NOT NULL,
	to_customer BIGINT NOT NULL, -- templates
	to_owner    BIGINT NOT NULL,
	to_master   BIGINT NOT NULL,
	to_others   BIGINT NOT NULL,
	others      {TEXT} NOT NULL,
	PRIMARY KEY (priority_id, level)
) {CLUSTERED};

CREATE TABLE priority_hours (
	priority_id BIGINT NOT NULL REFERENCES priority (id),
	rank        BIGINT NOT NULL,
	weekday     BIGINT NOT NULL, -- 1 is Monday, 0 stands beside a date
	date        {TEXT} NOT NULL,
	opens       BIGINT NOT NULL, -- minutes of the day
	closes      BIGINT NOT NULL,
	PRIMARY KEY (priority_id, rank)
) {CLUSTERED};

CREATE TABLE ticket_status (
	id         {ID},
	name       {TEXT} NOT NULL,
	base       BIGINT NOT NULL,
	no_reopen  BOOLEAN NOT NULL,
	is_default BOOLEAN NOT NULL
);

CREATE TABLE category (
	id            {ID},
	parent_id     BIGINT NOT NULL,
	name          {TEXT} NOT NULL,
	external_name {TEXT} NOT NULL,
	flags         BIGINT NOT NULL,
	method        BIGINT NOT NULL,
	master_id     BIGINT NOT NULL,
	lag           BIGINT NOT NULL,
	counter       BIGINT NOT NULL,
	notification_email {TEXT} NOT NULL
);

CREATE TABLE category_member (
	category_id BIGINT NOT NULL REFERENCES category (id),
	rank        BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	weight      BIGINT NOT NULL,
	PRIMARY KEY (category_id, rank)
) {CLUSTERED};

CREATE TABLE extra_field (
	id         {ID},
	domain     BIGINT NOT NULL,
	table_id   BIGINT NOT NULL,
	field_name {TEXT} NOT NULL,
	label      {TEXT} NOT NULL,
	kind       BIGINT NOT NULL,
	target_id  BIGINT NOT NULL,
	flags      BIGINT NOT NULL,
	default_to {TEXT} NOT NULL,
	order_pos  BIGINT NOT NULL
);

-- The rows of an extra table are in a table of their own, y_ and its id, made
-- when the extra table is: a column x_ and its id for each of its fields.
CREATE TABLE extra_table (
	id         {ID},
	table_name {TEXT} NOT NULL,
	label      {TEXT} NOT NULL,
	flags      BIGINT NOT NULL,
	display_id BIGINT NOT NULL,
	order_id   BIGINT NOT NULL
);

CREATE TABLE extra_value (
	domain     BIGINT NOT NULL,
	owner_id   BIGINT NOT NULL,
	field_id   BIGINT NOT NULL,
	int_value  BIGINT NOT NULL,
	real_value DOUBLE PRECISION NOT NULL,
	text_value {TEXT} NOT NULL,
	text_fold  {TEXT} NOT NULL,
	PRIMARY KEY (domain, owner_id, field_id)
) {CLUSTERED};
CREATE INDEX extra_value_int ON extra_value (field_id, int_value);

-- The users of skranke; "user" itself is a key word.
CREATE TABLE agent (
	id            {ID},
	login_name    {TEXT} NOT NULL,
	user_name     {TEXT} NOT NULL,
	password_hash {TEXT} NOT NULL,
	first_name    {TEXT} NOT NULL,
	middle_name   {TEXT} NOT NULL,
	last_name     {TEXT} NOT NULL,
	email         {TEXT} NOT NULL,
	language      {TEXT} NOT NULL,
	status        BIGINT NOT NULL,
	access        BIGINT NOT NULL,
	notify_mask   BIGINT NOT NULL,
	email_mask    BIGINT NOT NULL,
	sms_mask      BIGINT NOT NULL,
	login_fold     {TEXT} NOT NULL,
	user_name_fold {TEXT} NOT NULL,
	email_fold     {TEXT} NOT NULL
);
-- Status 3 is a deleted user; his names are free again.
CREATE UNIQUE INDEX agent_login ON agent (login_fold) WHERE status <> 3 AND login_fold <> '';
CREATE UNIQUE INDEX agent_user_name ON agent (user_name_fold) WHERE status <> 3 AND user_name_fold <> '';

-- What cards of people and companies choose from.
CREATE TABLE country (
	id           {ID},
	name         {TEXT} NOT NULL,
	english_name {TEXT} NOT NULL
);

CREATE TABLE business (
	id   {ID},
	name {TEXT} NOT NULL
);

CREATE TABLE contact_category (
	id   {ID},
	name {TEXT} NOT NULL
);

CREATE TABLE sync_agent (
	id        {ID},
	name      {TEXT} NOT NULL,
	id_string {TEXT} NOT NULL
);

CREATE TABLE company (
	id              {ID},
	name            {TEXT} NOT NULL,
	department      {TEXT} NOT NULL,
	address         {TEXT} NOT NULL,
	phone           {TEXT} NOT NULL,
	fax             {TEXT} NOT NULL,
	prim_contact_id BIGINT NOT NULL,
	our_contact_id  BIGINT NOT NULL,
	our_sales_id    BIGINT NOT NULL,
	priority_id     BIGINT NOT NULL,
	language_id     BIGINT NOT NULL,
	ext_table       BIGINT NOT NULL,
	ext_key         {TEXT} NOT NULL,
	deleted         BOOLEAN NOT NULL,
	country_id      BIGINT NOT NULL,
	business_id     BIGINT NOT NULL,
	contact_category_id BIGINT NOT NULL,
	no_mailing      BOOLEAN NOT NULL,
	source          BIGINT NOT NULL,
	registered      BIGINT,
	updated         BIGINT,
	synced_at       BIGINT,
	sync_modified   BIGINT,
	number1         {TEXT} NOT NULL,
	number2         {TEXT} NOT NULL,
	org_number      {TEXT} NOT NULL,
	stopped         BOOLEAN NOT NULL,
	name_fold       {TEXT} NOT NULL,
	note            {TEXT} NOT NULL
);
CREATE INDEX company_name ON company (name_fold);

CREATE TABLE company_domain (
	company_id  BIGINT NOT NULL REFERENCES company (id),
	rank        BIGINT NOT NULL,
	domain      {TEXT} NOT NULL,
	domain_fold {TEXT} NOT NULL,
	PRIMARY KEY (company_id, rank)
) {CLUSTERED};
CREATE INDEX company_domain_fold ON company_domain (domain_fold);

CREATE TABLE customer (
	id             {ID},
	first_name     {TEXT} NOT NULL,
	last_name      {TEXT} NOT NULL,
	full_name      {TEXT} NOT NULL,
	user_name      {TEXT} NOT NULL,
	password_hash  {TEXT} NOT NULL,
	phone          {TEXT} NOT NULL,
	cell_phone     {TEXT} NOT NULL,
	company_id     BIGINT NOT NULL,
	company_access BOOLEAN NOT NULL,
	language_id    BIGINT NOT NULL,
	priority_id    BIGINT NOT NULL,
	our_contact_id BIGINT NOT NULL,
	ext_table      BIGINT NOT NULL,
	ext_key        {TEXT} NOT NULL,
	retired        BOOLEAN NOT NULL,
	deleted        BOOLEAN NOT NULL,
	country_id     BIGINT NOT NULL,
	business_id    BIGINT NOT NULL,
	contact_category_id BIGINT NOT NULL,
	no_mailing     BOOLEAN NOT NULL,
	source         BIGINT NOT NULL,
	registered     BIGINT,
	updated        BIGINT,
	synced_at      BIGINT,
	sync_modified  BIGINT,
	middle_name    {TEXT} NOT NULL,
	mr_mrs         {TEXT} NOT NULL,
	title          {TEXT} NOT NULL,
	salutation     {TEXT} NOT NULL,
	department     {TEXT} NOT NULL,
	initials       {TEXT} NOT NULL,
	person_number  {TEXT} NOT NULL,
	gender         BIGINT NOT NULL,
	birth_year     BIGINT NOT NULL,
	birth_month    BIGINT NOT NULL,
	birth_day      BIGINT NOT NULL,
	rank           BIGINT NOT NULL,
	sent_info      BIGINT NOT NULL,
	user_name_fold {TEXT} NOT NULL,
	name_fold      {TEXT} NOT NULL,
	note           {TEXT} NOT NULL
);
CREATE UNIQUE INDEX customer_user_name ON customer (user_name_fold) WHERE NOT deleted AND user_name_fold <> '';
CREATE INDEX customer_company ON customer (company_id);

CREATE TABLE customer_email (
	customer_id BIGINT NOT NULL REFERENCES customer (id),
	rank        BIGINT NOT NULL,
	email       {TEXT} NOT NULL,
	email_fold  {TEXT} NOT NULL,
	PRIMARY KEY (customer_id, rank)
) {CLUSTERED};
CREATE INDEX customer_email_fold ON customer_email (email_fold, customer_id);

CREATE TABLE ticket (
	id               {ID},
	title            {TEXT} NOT NULL,
	created_at       BIGINT,
	last_changed     BIGINT,
	replied_at       BIGINT,
	closed_at        BIGINT,
	activate_at      BIGINT,
	read_by_customer BIGINT,
	read_by_owner    BIGINT,
	category_id      BIGINT NOT NULL,
	priority_id      BIGINT NOT NULL,
	orig_category_id BIGINT NOT NULL,
	orig_priority_id BIGINT NOT NULL,
	status           BIGINT NOT NULL,
	ticket_status_id BIGINT NOT NULL,
	slevel           BIGINT NOT NULL,
	read_status      BIGINT NOT NULL,
	origin           BIGINT NOT NULL,
	has_attachment   BOOLEAN NOT NULL,
	num_messages     BIGINT NOT NULL,
	num_replies      BIGINT NOT NULL,
	time_to_close    BIGINT NOT NULL,
	customer_id      BIGINT NOT NULL, -- the first of ticket_customer, 0 if there is none
	company_id       BIGINT NOT NULL,
	owner_id         BIGINT NOT NULL,
	created_by       BIGINT NOT NULL,
	author           {TEXT} NOT NULL,
	merged_into      BIGINT NOT NULL,
	filter_address   {TEXT} NOT NULL,
	ext_table        BIGINT NOT NULL,
	ext_key          {TEXT} NOT NULL,
	synced_at        BIGINT,
	alert_level      BIGINT NOT NULL,
	alert_timeout    BIGINT,
	alert_stop       BIGINT NOT NULL, -- milliseconds
	deadline         BIGINT,
	title_fold          {TEXT} NOT NULL,
	author_fold         {TEXT} NOT NULL,
	filter_address_fold {TEXT} NOT NULL
);
CREATE INDEX ticket_open ON ticket (status, owner_id);
CREATE INDEX ticket_latest ON ticket (customer_id, category_id, created_at);
CREATE INDEX ticket_created ON ticket (created_at, id); -- the newest of a list
-- What the clock does something to: alerts of active tickets, postponed tickets.
CREATE INDEX ticket_alert ON ticket (status, alert_timeout, id) WHERE alert_timeout IS NOT NULL;
CREATE INDEX ticket_activate ON ticket (status, activate_at, id) WHERE activate_at IS NOT NULL;

CREATE TABLE ticket_customer (
	ticket_id   BIGINT NOT NULL REFERENCES ticket (id),
	rank        BIGINT NOT NULL,
	customer_id BIGINT NOT NULL REFERENCES customer (id),
	PRIMARY KEY (ticket_id, rank)
) {CLUSTERED};
CREATE UNIQUE INDEX ticket_customer_by ON ticket_customer (customer_id, ticket_id);

CREATE TABLE message (
	id          {ID},
	ticket_id   BIGINT NOT NULL REFERENCES ticket (id),
	slevel      BIGINT NOT NULL,
	kind        BIGINT NOT NULL,
	created_at  BIGINT,
	created_by  BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	author      {TEXT} NOT NULL,
	message_id  {TEXT} NOT NULL,
	to_list     {TEXT} NOT NULL, -- JSON arrays, '' for an empty one
	cc_list     {TEXT} NOT NULL,
	bcc_list    {TEXT} NOT NULL,
	time_spent    BIGINT NOT NULL, -- minutes
	time_charge   BIGINT NOT NULL,
	important     BOOLEAN NOT NULL,
	inline_images BOOLEAN NOT NULL,
	mail_sorter   {TEXT} NOT NULL,
	changed_at    BIGINT,
	changed_by    BIGINT NOT NULL,
	debug_info    {TEXT} NOT NULL,
	body        {TEXT} NOT NULL,
	html_body   {TEXT} NOT NULL,
	header      {TEXT} NOT NULL
);
CREATE INDEX message_ticket ON message (ticket_id, created_at, id, slevel);
CREATE INDEX message_message_id ON message (message_id) WHERE message_id <> '';

CREATE TABLE attachment (
	id           {ID},
	name         {TEXT} NOT NULL,
	content_type {TEXT} NOT NULL,
	size         BIGINT NOT NULL,
	sha256       {TEXT} NOT NULL,
	access_key   {TEXT} NOT NULL,
	created_at   BIGINT,
	uploader_customer_id BIGINT NOT NULL,
	uploader_user_id     BIGINT NOT NULL
);
CREATE INDEX attachment_sha256 ON attachment (sha256);

CREATE TABLE message_attachment (
	message_id    BIGINT NOT NULL REFERENCES message (id),
	rank          BIGINT NOT NULL,
	attachment_id BIGINT NOT NULL REFERENCES attachment (id),
	PRIMARY KEY (message_id, rank)
) {CLUSTERED};
CREATE INDEX message_attachment_by ON message_attachment (attachment_id, message_id);

CREATE TABLE template_folder (
	id          {ID},
	parent_id   BIGINT NOT NULL,
	name        {TEXT} NOT NULL,
	description {TEXT} NOT NULL
);

CREATE TABLE template (
	id          {ID},
	folder_id   BIGINT NOT NULL,
	name        {TEXT} NOT NULL,
	description {TEXT} NOT NULL
);

CREATE TABLE template_body (
	id          {ID},
	template_id BIGINT NOT NULL REFERENCES template (id),
	language_id BIGINT NOT NULL,
	flags       BIGINT NOT NULL,
	subject     {TEXT} NOT NULL,
	header      {TEXT} NOT NULL,
	plain       {TEXT} NOT NULL,
	html        {TEXT} NOT NULL
);
CREATE INDEX template_body_of ON template_body (template_id, id);

CREATE TABLE template_attachment (
	template_id   BIGINT NOT NULL REFERENCES template (id),
	rank          BIGINT NOT NULL,
	attachment_id BIGINT NOT NULL REFERENCES attachment (id),
	PRIMARY KEY (template_id, rank)
) {CLUSTERED};
CREATE INDEX template_attachment_by ON template_attachment (attachment_id, template_id);

CREATE TABLE faq_folder (
	id           {ID},
	parent_id    BIGINT NOT NULL,
	name         {TEXT} NOT NULL,
	description  {TEXT} NOT NULL,
	access       BIGINT NOT NULL,
	access_check {TEXT} NOT NULL,
	sort_order   BIGINT NOT NULL,
	source       {TEXT} NOT NULL
);
CREATE UNIQUE INDEX faq_folder_source ON faq_folder (source) WHERE source <> '';

CREATE TABLE faq_entry (
	id         {ID},
	folder_id  BIGINT NOT NULL,
	title      {TEXT} NOT NULL,
	has_html   BOOLEAN NOT NULL,
	access     BIGINT NOT NULL,
	state      BIGINT NOT NULL,
	publish_at BIGINT,
	expire_at  BIGINT,
	created_at BIGINT,
	changed_at BIGINT,
	created_by BIGINT NOT NULL,
	sort_order BIGINT NOT NULL,
	source     {TEXT} NOT NULL,
	read_count BIGINT NOT NULL,
	votes      BIGINT NOT NULL,
	vote_sum   BIGINT NOT NULL,
	score      BIGINT NOT NULL, -- made of the two before
	question   {TEXT} NOT NULL,
	keywords   {TEXT} NOT NULL,
	answer     {TEXT} NOT NULL
);
CREATE INDEX faq_entry_folder ON faq_entry (folder_id, sort_order, id);
CREATE INDEX faq_entry_read ON faq_entry (read_count DESC, id);
CREATE INDEX faq_entry_popular ON faq_entry (score DESC, votes DESC, read_count DESC, id);
CREATE UNIQUE INDEX faq_entry_source ON faq_entry (source) WHERE source <> '';

-- What searches for entries look at.
{FAQ_INDEX};

CREATE TABLE faq_link (
	entry_id BIGINT NOT NULL REFERENCES faq_entry (id),
	rank     BIGINT NOT NULL,
	name     {TEXT} NOT NULL,
	url      {TEXT} NOT NULL,
	PRIMARY KEY (entry_id, rank)
) {CLUSTERED};

CREATE TABLE faq_attachment (
	entry_id      BIGINT NOT NULL REFERENCES faq_entry (id),
	rank          BIGINT NOT NULL,
	attachment_id BIGINT NOT NULL REFERENCES attachment (id),
	PRIMARY KEY (entry_id, rank)
) {CLUSTERED};
CREATE INDEX faq_attachment_by ON faq_attachment (attachment_id, entry_id);

CREATE TABLE faq_vote (
	entry_id    BIGINT NOT NULL REFERENCES faq_entry (id),
	customer_id BIGINT NOT NULL,
	vote        BIGINT NOT NULL,
	at          BIGINT,
	PRIMARY KEY (entry_id, customer_id)
) {CLUSTERED};

CREATE TABLE faq_group (
	id          {ID},
	folder_id   BIGINT NOT NULL,
	description {TEXT} NOT NULL
);

CREATE TABLE faq_group_entry (
	group_id BIGINT NOT NULL REFERENCES faq_group (id),
	entry_id BIGINT NOT NULL REFERENCES faq_entry (id),
	sort_pos BIGINT NOT NULL,
	PRIMARY KEY (group_id, entry_id)
) {CLUSTERED};
CREATE INDEX faq_group_entry_of ON faq_group_entry (entry_id);

CREATE TABLE notification (
	id         {ID},
	user_id    BIGINT NOT NULL,
	type       BIGINT NOT NULL,
	created_by BIGINT NOT NULL,
	ticket_id  BIGINT NOT NULL,
	message    {TEXT} NOT NULL,
	created_at BIGINT
);
CREATE INDEX notification_user ON notification (user_id, id);

-- The client that may fetch a user's notifications.
CREATE TABLE notification_key (
	user_id BIGINT NOT NULL PRIMARY KEY,
	id      {BLOB} NOT NULL, -- SHA-256 of the key
	source  {TEXT} NOT NULL,
	used_at BIGINT NOT NULL
);

-- How long users have done nothing, as their clients report it.
CREATE TABLE user_idle (
	user_id     BIGINT NOT NULL PRIMARY KEY,
	seconds     BIGINT NOT NULL,
	reported_at BIGINT NOT NULL
);

CREATE TABLE session (
	id          {BLOB} NOT NULL PRIMARY KEY, -- SHA-256 of the key
	customer_id BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	auth_id     BIGINT NOT NULL,
	last_used   BIGINT NOT NULL,
	ttl         BIGINT NOT NULL, -- milliseconds, 0 for no end
	last_error  BIGINT NOT NULL,
	created_at  BIGINT,
	origin      BIGINT NOT NULL,
	addr        {TEXT} NOT NULL
);
CREATE INDEX session_customer ON session (customer_id);
CREATE INDEX session_user ON session (user_id);
CREATE INDEX session_auth ON session (auth_id);

-- Passwords that were mailed and wait for their first use.
CREATE TABLE one_time_password (
	hash        {BLOB} NOT NULL PRIMARY KEY, -- SHA-256 of the password
	customer_id BIGINT NOT NULL REFERENCES customer (id),
	expires_at  BIGINT NOT NULL
);
CREATE INDEX one_time_password_of ON one_time_password (customer_id);

CREATE TABLE failure (
	id      {ID},
	subject {TEXT} NOT NULL,
	at      BIGINT NOT NULL
);
CREATE INDEX failure_subject ON failure (subject, at);
CREATE INDEX failure_at ON failure (at);

CREATE TABLE action_log (
	id          {ID},
	at          BIGINT,
	action      BIGINT NOT NULL,
	ticket_id   BIGINT NOT NULL,
	message_id  BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	addr        {TEXT} NOT NULL,
	detail      {TEXT} NOT NULL
);
CREATE INDEX action_log_ticket ON action_log (ticket_id, id);

-- The values an action changed.
CREATE TABLE change_value (
	log_id     BIGINT NOT NULL REFERENCES action_log (id),
	rank       BIGINT NOT NULL,
	what       BIGINT NOT NULL,
	from_value {TEXT} NOT NULL,
	to_value   {TEXT} NOT NULL,
	PRIMARY KEY (log_id, rank)
) {CLUSTERED};

CREATE TABLE outbox (
	id            {ID},
	kind          {TEXT} NOT NULL,
	created_at    BIGINT,
	due_at        BIGINT NOT NULL,
	leased_until  BIGINT, -- until then somebody is at it
	failing_since BIGINT,
	parked_at     BIGINT, -- given up: waits for a person
	attempts      BIGINT NOT NULL,
	last_error    {TEXT} NOT NULL,
	payload       {TEXT} NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE parked_at IS NULL;

-- Programs operators stored for callers to run.
CREATE TABLE script (
	id           {ID},
	include_id   {TEXT} NOT NULL,
	description  {TEXT} NOT NULL,
	source       {TEXT} NOT NULL,
	include_fold {TEXT} NOT NULL
);
CREATE UNIQUE INDEX script_include ON script (include_fold);
