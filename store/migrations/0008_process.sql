-- The processes that keep sessions of this database in memory, and when each of
-- them said so last.
CREATE TABLE process (
	id      {TEXT} NOT NULL PRIMARY KEY, -- drawn when it begins
	seen_at BIGINT NOT NULL
);
