-- Medical procedure codes.
CREATE TABLE pxcode (
    pxcode    text COLLATE "C" PRIMARY KEY CHECK (pxcode ~ '^[0-9]{3}$'),
    procedure text NOT NULL CHECK (char_length(procedure) BETWEEN 1 AND 300),
    version   bigint NOT NULL DEFAULT 1
);
