// The structs of the customer port.
#pragma once
#include "voice.h"

static Answer members(const ns1__AttachmentInfoStruct *s) {
  return Answer().text("attachmentId", s->attachmentId).text("attachmentName", s->attachmentName).text("contentType", s->contentType);
}
static Answer members(const ns1__ExtraFieldsStruct *s) {
  return Answer().text("fieldName", s->fieldName).text("displayField", s->displayField).text("fieldId", s->fieldId).text("fieldType", s->fieldType);
}
static Answer members(const ns1__PriorityStruct *s) { return Answer().text("id", s->id).text("name", s->name).text("sortOrder", s->sortOrder); }
static Answer members(const ns1__CategoryStruct *s) {
  return Answer().text("id", s->id).text("realCategoryId", s->realCategoryId).text("name", s->name).text("parentId", s->parentId);
}
static Answer members(const ns1__LanguagesStruct *s) {
  return Answer().text("languageCode", s->languageCode).text("languageName", s->languageName).text("virtualDomain", s->virtualDomain);
}
static Answer members(const ns1__FaqEntryStruct *s) {
  return Answer().text("id", s->id).text("question", s->question).text("title", s->title)
    .text("hasHtml", s->hasHtml).text("score", s->score).text("fullName", s->fullName).text("parentId", s->parentId);
}
static Answer members(const ns1__FaqCategoryStruct *s) { return Answer().text("id", s->id)
    .text("name", s->name).text("description", s->description); }
static Answer members(const ns1__FaqParentStruct *s) { return Answer().text("id", s->id).text("name", s->name); }
static Answer members(const ns1__FaqLinkStruct *s) { return Answer().text("name", s->name).text("url", s->url); }
static Answer members(const ns1__FaqGroupStruct *s) {
  return Answer().text("description", s->description).text("id", s->id).structs("entries", s->entries);
}
