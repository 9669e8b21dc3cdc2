//go:build linux && !cgo

package a

func open() error { return nil }
