package a

func name(c Color, x any) string {
	switch c {
	case Red, color.Green:
		return "a"
	case Blue:
		return "b"
	case Red:
		return "again"
	}
	switch {
	case c > 1:
		return "big"
	default:
	}
	switch v := x.(type) {
	case *Circle:
		return v.Name()
	case Square, nil:
	default:
	}
	switch c {
	case 1:
	default:
	}
	select {
	case m := <-ch:
		use(m)
	}
	return ""
}
