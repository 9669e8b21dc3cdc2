package a

const Limit = 10

const (
	Red Color = iota
	Green
	blue
)

var (
	ErrGone, errHere = errors.New("gone"), errors.New("here")
	cache            *Cache
	client           = &http.Client{}
)

func f() {
	const local = 1
	var a, b int
	var c = Cache{}
	for i, each := range list {
		use(i, each)
	}
	for k := range m {
		delete(m, k)
	}
	a, b = b, a
	if v, ok := m[1]; ok {
		v.Do(local, c)
	}
}
