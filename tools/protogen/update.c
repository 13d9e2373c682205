#include "update.h"

bool
update_of(const struct def_message *message, struct def_update *out)
{
    int mask = message_field(message, "update_mask");
    size_t n_targets = 0;

    if (mask < 0 || message->fields[mask].repeated || message->fields[mask].message == NULL ||
        message->fields[mask].message->known != KNOWN_FIELD_MASK) {
        return false;
    }
    *out = (struct def_update){.target = -1, .mask = mask};
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (field->message != NULL && field->message->known == KNOWN_ORDINARY && !field->repeated &&
            field->oneof == NULL) {
            out->target = (int)i;
            n_targets++;
        }
    }
    out->target = n_targets == 1 ? out->target : -1;
    return true;
}

void
check_update(struct check *self, const struct def_message *message)
{
    struct def_update update;

    if (!update_of(message, &update)) {
        return;
    }
    if (update.target < 0) {
        check_refuse(self, message->fields[update.mask].place,
                     "%s has an update_mask, and not just one message field that it could be about",
                     message->name);
    } else if (!message->fields[update.target].rule->required) {
        check_refuse(self, message->fields[update.target].place,
                     "field %s of %s, which has an update_mask, is not required",
                     message->fields[update.target].name, message->name);
    }
}
