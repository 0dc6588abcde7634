DROP TABLE token_ends;
DROP TABLE token_limits;
ALTER TABLE organisations DROP COLUMN rate_limit;
