// The structs of the admin port.
#pragma once
#include "voice.h"

static Answer members(const ns1__ModulePathStruct *s) { return Answer().text("module", s->module).text("path", s->path); }
