ALTER TABLE organisations DROP COLUMN rate_limit;
