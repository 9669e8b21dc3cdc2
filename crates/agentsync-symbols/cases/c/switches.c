int f(enum color c, int n)
{
	switch (c) {
	case RED:
		return 1;
	case GREEN:
	case BLUE:
		return 2;
	case RED:
		return 3;
	}
	switch (n) {
	case 1:
	default:
		return 4;
	}
}
