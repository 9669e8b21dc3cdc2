package a

type Server struct{ store *Store }

func (s *Server) Run(f func(int)) {
	s.store.Load(1)
	s.listen()
	f(1)
	fmt.Println("x", 1)
	a.b.c(1)
	get().Do()
	(*s).listen()
	_ = []byte("abc")
	_ = string(x)
	_ = Generic[int](1, 2)
	_ = x.(Closer).Close()
	defer func() { recover() }()
}
