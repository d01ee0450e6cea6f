DROP TABLE parked;
DROP TABLE holds;
