package com.example.billing;

import java.util.List;
import java.util.concurrent.*;
import static java.lang.Math.max;
import static org.junit.Assert.*;

/** A comment that mentions Nobody. */
public abstract class Invoice extends Document<Line> implements Comparable<Invoice>, java.io.Serializable {
    private static final int LIMIT = 10, FLOOR = 1;
    protected List<Line> lines = new ArrayList<>();

    public Invoice(String number, int total) throws BillingException {
        super(number);
        this.total = total;
    }

    Invoice() {
        this("none", 0);
    }

    @Override
    public int compareTo(Invoice other) {
        return max(other.total, lines.size());
    }

    protected abstract void send(String to, Object... parts);

    static <T extends Line> T first(final List<T> all, int... skips) throws IOException {
        for (T each : all) {
            if (each.isOpen()) return each;
        }
        return null;
    }

    synchronized void audit() {
        this.lines.clear();
        super.audit(1, 2);
        getLog().write("invoice.number", "some prose here");
    }

    static class Line {
        int amount;
    }
}
