SELECT parent, count(*), min(rowid) FROM pragma_foreign_key_check(?1) GROUP BY parent, fkid
ORDER BY parent, fkid
