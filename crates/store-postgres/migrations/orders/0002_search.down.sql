DROP TABLE search_cursors;
DROP TABLE search_turn;
DROP TABLE search_parts;
DROP TABLE search_terms;
