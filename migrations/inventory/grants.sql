-- What inventory does with its tables. FOR KEY SHARE and FOR UPDATE want UPDATE, too.
GRANT SELECT, INSERT, UPDATE, DELETE ON resource TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON allocation TO :"role";
GRANT SELECT, INSERT ON pxcode TO :"role";
