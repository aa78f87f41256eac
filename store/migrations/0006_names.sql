-- The names of customers as searches compare and order them; what is there is
-- folded by the program.
ALTER TABLE customer ADD COLUMN first_name_fold {TEXT} NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN last_name_fold {TEXT} NOT NULL DEFAULT '';
CREATE INDEX customer_first_name ON customer (first_name_fold, id);
CREATE INDEX customer_last_name ON customer (last_name_fold, id);
