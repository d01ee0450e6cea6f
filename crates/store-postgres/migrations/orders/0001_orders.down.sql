DROP TABLE products;
DROP TABLE documents;
DROP TABLE deliveries;
DROP TABLE order_items;
DROP TABLE orders;
