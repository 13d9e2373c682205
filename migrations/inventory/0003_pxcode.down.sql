DROP TABLE pxcode;
