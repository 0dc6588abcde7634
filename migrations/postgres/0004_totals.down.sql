DROP TRIGGER leave ON groups;
DROP TRIGGER arrive ON groups;
DROP TRIGGER leave ON users;
DROP TRIGGER arrive ON users;
DROP FUNCTION count_departures();
DROP FUNCTION count_arrivals();
DROP TABLE totals;
