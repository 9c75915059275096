/* registration: devices that are known before they inform. */
#include "db/device_list.h"

/* Sorted, so that two calls about the same devices do not wait for each other. */
static const struct db_statement register_devices = {
	.name = "devices_register",
	.sql = "WITH new AS (INSERT INTO device (device_id, id, oui, product_class, serial_number, tags, admission)"
	       "  SELECT one.*, $9::text[], $10::text"
	       "  FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])"
	       "   AS one(device_id, id, oui, product_class, serial_number) ORDER BY device_id"
	       "  ON CONFLICT DO NOTHING RETURNING id, tags, admission),"
	       " counted AS (SELECT count(*) AS created FROM new),"
	       AUDITED_EACH("new", "id", "jsonb_build_object('tags', tags, 'admission', admission)")
	       " SELECT created FROM counted",
};

void devices_register(struct db_question *question, const struct audit_note *note,
	const struct device_registration *r)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &register_devices, AUDIT_VALUES(arena, note),
		db_int_array(arena, r->device_ids, r->count),
		db_text_array(arena, r->ids, r->count), db_text_array(arena, r->ouis, r->count),
		db_text_array(arena, r->product_classes, r->count),
		db_text_array(arena, r->serial_numbers, r->count),
		db_text_array(arena, r->tags, r->tag_count), db_text(r->admission));
}
