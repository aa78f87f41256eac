-- What leads from a part of a title to tickets.
{TITLE_INDEX};

-- Lists of one status, the newest first; and those of all, which a database that
-- sorts what is not set last could not read out of the index it had.
CREATE INDEX ticket_of_status ON ticket (status, created_at {UNSET_FIRST}, id);
DROP INDEX ticket_created;
CREATE INDEX ticket_created ON ticket (created_at {UNSET_FIRST}, id);
