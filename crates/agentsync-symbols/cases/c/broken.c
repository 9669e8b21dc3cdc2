void before(void) { call(1); }

void broken( {
	int x = ;
}

void after(int a) { other(a, 2); }
