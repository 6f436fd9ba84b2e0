SELECT name, origin FROM pragma_index_list(?1) WHERE "unique" AND NOT partial ORDER BY name
