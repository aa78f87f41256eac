-- When a customer of a ticket read it last, apart from the ticket: it changes
-- with every reading, and a narrow row is changed with a fraction of the effort.
-- What counts is the later of this and ticket.read_by_customer.
CREATE TABLE ticket_read (
	ticket_id   {KEY},
	at          BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	logged_at   BIGINT NOT NULL -- the latest reading of his that stands in the log
);
