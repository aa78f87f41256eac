// The structs of the ticket port.
#pragma once
#include "voice.h"

static Answer members(const ns1__AttachmentInfoStruct *s) {
  return Answer().text("attachmentId", s->attachmentId).text("attachmentName", s->attachmentName)
    .text("contentType", s->contentType).text("attachmentKey", s->attachmentKey);
}
static Answer members(const ns1__ActiveTicketsStruct *s) { return Answer().text("ticketId", s->ticketId).text("readStatus", s->readStatus); }
static Answer members(const ns1__CategoryStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("parentId", s->parentId).boolean("isInternal", s->isInternal);
}
static Answer members(const ns1__PriorityStruct *s) { return Answer().text("id", s->id).text("name", s->name).text("sortOrder", s->sortOrder); }
static Answer members(const ns1__ExtraFieldsStruct *s) {
  return Answer().text("fieldName", s->fieldName).text("displayField", s->displayField).text("fieldId", s->fieldId).text("fieldType", s->fieldType);
}
static Answer members(const ns1__NotificationStruct *s) {
  return Answer().text("type", s->type).text("createdBy", s->createdBy).text("ticketId", s->ticketId).text("message", s->message);
}
static Answer members(const ns1__ReplyTemplateFolderStruct *s) {
  return Answer().text("id", s->id).text("description", s->description).text("name", s->name).text("parent", s->parent);
}
static Answer members(const ns1__ReplyTemplateStruct *s) {
  return Answer().text("id", s->id).text("description", s->description).text("folder", s->folder);
}
static Answer members(const ns1__ExtraTableFieldStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("datatype", s->datatype).text("flags", s->flags);
}
static Answer members(const ns1__ExtraTableColumnStruct *s) {
  return Answer().text("columnId", s->columnId).text("extraFieldId", s->extraFieldId).text("name", s->name).text("value", s->value);
}
static Answer members(const ns1__ExtraTablesStruct *s) {
  return Answer().text("id", s->id).text("name", s->name).text("flags", s->flags).structs("fields", s->fields);
}
static Answer members(const ns1__ExtraTableRowStruct *s) { return Answer().structs("columns", s->columns); }

static xsd__base64Binary *bytes(const Text &v) {
  xsd__base64Binary *b = new xsd__base64Binary;
  b->__ptr = (unsigned char *)soap_base642s(proxy.soap, v.c_str(), NULL, 0, &b->__size);
  return b;
}
