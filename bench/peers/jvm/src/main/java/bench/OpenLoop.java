package bench;

import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Calls at a fixed rate, whose latencies count from when a call should have begun. */
final class OpenLoop {
  /** Makes the calls, and waits for the end of them all: what open_loop.ts gives, as JSON. */
  static String run(Lane.Caller caller, double rate, int count, int maxInFlight)
      throws InterruptedException {
    double[] latencies = new double[count];
    double[] late = new double[count];
    Semaphore free = new Semaphore(maxInFlight);
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = began + (long) (i * 1e9 / rate);
      for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
        LockSupport.parkNanos(early);
      }
      free.acquire();
      late[i] = (System.nanoTime() - due) / 1e6;
      int index = i;
      caller.call().whenComplete((reply, error) -> {
        latencies[index] = error == null ? (System.nanoTime() - due) / 1e6 : Double.NaN;
        free.release();
      });
    }
    free.acquire(maxInFlight);
    double took = (System.nanoTime() - began) / 1e6;
    double[] answered = Arrays.stream(latencies).filter(time -> !Double.isNaN(time)).toArray();
    return "{\"latencies\":" + json(answered) + ",\"late\":" + json(late)
        + ",\"failed\":" + (count - answered.length) + ",\"took\":" + took + "}";
  }

  private static String json(double[] values) {
    return Arrays.stream(values).mapToObj(Double::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private OpenLoop() {}
}
