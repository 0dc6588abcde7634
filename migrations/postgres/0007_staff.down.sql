ALTER TABLE organisations DROP COLUMN second_step;
ALTER TABLE organisations DROP COLUMN time_zone;
DROP TABLE links;
DROP TABLE sessions;
DROP TABLE sign_ins;
DROP TABLE staff;
