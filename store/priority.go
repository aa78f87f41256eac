package store

import (
	"context"
	"fmt"

	"skranke"
)

var priorities = newTable("priority", skranke.CodeInvalidPriority, `
	name, sort_order, external, is_default, deleted, deadline, schedule,
	on_read, on_owner, on_new_info, on_closed, on_priority, on_new`, "")

func scanPriority(r *rows, p *skranke.Priority) {
	p.ID = id[skranke.PriorityID](r)
	p.Name = r.text()
	p.SortOrder = r.int()
	p.External = r.bool()
	p.Default = r.bool()
	p.Deleted = r.bool()
	p.Deadline = r.int()
	p.Schedule = r.bool()
	for event := range p.Actions {
		p.Actions[event] = id[skranke.EscalateAction](r)
	}
}

func priorityArgs(p *skranke.Priority) []arg {
	args := []arg{
		text(p.Name), num(p.SortOrder), flag(p.External), flag(p.Default), flag(p.Deleted),
		num(p.Deadline), flag(p.Schedule),
	}
	for _, action := range p.Actions {
		args = append(args, num(action))
	}
	return args
}

// EachPriority hands fn every priority by ascending id.
func (tx *ReadTx) EachPriority(ctx context.Context, fn func(*skranke.Priority) error) error {
	fill := func(p *skranke.Priority) error {
		var err error
		if p.Levels, err = tx.levels(ctx, p.ID); err != nil {
			return err
		}
		p.Hours, err = tx.officeHours(ctx, p.ID)
		return err
	}
	return eachRow(ctx, tx, priorities, scanPriority, fill, fn)
}

func (tx *ReadTx) levels(ctx context.Context, priority skranke.PriorityID) ([]skranke.AlertLevel, error) {
	var levels []skranke.AlertLevel
	err := tx.each(ctx, `SELECT level, timeout, reassign, to_customer, to_owner, to_master, to_others, others, script
		FROM priority_level WHERE priority_id = $1 ORDER BY level`,
		func(r *rows) {
			levels = append(levels, skranke.AlertLevel{
				Level: r.int(), Timeout: r.int(), Reassign: id[skranke.UserID](r),
				ToCustomer: id[skranke.TemplateID](r), ToOwner: id[skranke.TemplateID](r),
				ToMaster: id[skranke.TemplateID](r), ToOthers: id[skranke.TemplateID](r), Others: r.text(),
				Script: id[skranke.ScriptID](r),
			})
		}, num(priority))
	if err != nil {
		return nil, fmt.Errorf("reading levels of priority %d: %w", priority, err)
	}
	return levels, nil
}

func (tx *ReadTx) officeHours(ctx context.Context, priority skranke.PriorityID) ([]skranke.OfficeHours, error) {
	var hours []skranke.OfficeHours
	err := tx.each(ctx, `SELECT weekday, date, opens, closes FROM priority_hours WHERE priority_id = $1 ORDER BY rank`,
		func(r *rows) {
			hours = append(hours, skranke.OfficeHours{
				Weekday: r.int(), Date: r.text(), From: id[skranke.Clock](r), To: id[skranke.Clock](r),
			})
		}, num(priority))
	if err != nil {
		return nil, fmt.Errorf("reading office hours of priority %d: %w", priority, err)
	}
	return hours, nil
}

// InsertPriority stores a new priority with its levels and office hours. An ID of 0 is replaced by a new one.
// It returns ErrExists if the id is in use, or if it has a level twice.
func (tx *WriteTx) InsertPriority(ctx context.Context, p *skranke.Priority) error {
	id, err := priorities.add(ctx, tx, int64(p.ID), priorityArgs(p))
	if err != nil {
		return err
	}
	p.ID = skranke.PriorityID(id)
	return tx.changed(ctx, tx.addLevels(ctx, p))
}

// UpdatePriority writes the whole priority with its levels and office hours anew. It returns
// CodeInvalidPriority if there is none.
func (tx *WriteTx) UpdatePriority(ctx context.Context, p *skranke.Priority) error {
	if err := priorities.change(ctx, tx, int64(p.ID), priorityArgs(p)); err != nil {
		return err
	}
	for _, part := range [...]string{"priority_level", "priority_hours"} {
		if _, err := tx.exec(ctx, `DELETE FROM `+part+` WHERE priority_id = $1`, num(p.ID)); err != nil {
			return fmt.Errorf("clearing levels and office hours of priority %d: %w", p.ID, err)
		}
	}
	return tx.changed(ctx, tx.addLevels(ctx, p))
}

func (tx *WriteTx) addLevels(ctx context.Context, p *skranke.Priority) error {
	for _, l := range p.Levels {
		_, err := tx.exec(ctx, `INSERT INTO priority_level
			(priority_id, level, timeout, reassign, to_customer, to_owner, to_master, to_others, others, script)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			num(p.ID), num(l.Level), num(l.Timeout), num(l.Reassign),
			num(l.ToCustomer), num(l.ToOwner), num(l.ToMaster), num(l.ToOthers), text(l.Others), num(l.Script))
		if err != nil {
			return fmt.Errorf("writing levels of priority %d: %w", p.ID, err)
		}
	}
	for rank, h := range p.Hours {
		_, err := tx.exec(ctx, `INSERT INTO priority_hours (priority_id, rank, weekday, date, opens, closes)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			num(p.ID), num(rank), num(h.Weekday), text(h.Date), num(h.From), num(h.To))
		if err != nil {
			return fmt.Errorf("writing office hours of priority %d: %w", p.ID, err)
		}
	}
	return nil
}
