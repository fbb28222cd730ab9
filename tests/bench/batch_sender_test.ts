import { assertEquals } from "@std/assert";
import { BatchSender } from "../../bench/contestants/batch_sender.ts";

/** Sends values of so many bytes in one turn; gives how many each request had. */
async function requestsOf(sizes: readonly number[]): Promise<number[]> {
  const requests: number[] = [];
  const sender = new BatchSender<{ value: Uint8Array }>((messages) => {
    requests.push(messages.length);
    return Promise.resolve();
  });
  await Promise.all(sizes.map((size) => sender.add({ value: new Uint8Array(size) })));
  return requests;
}

Deno.test("what is sent in one turn is one request", async () => {
  assertEquals(await requestsOf([10, 10, 10]), [3]);
});

Deno.test("a request holds no more than a topic takes by default", async () => {
  assertEquals(await requestsOf([400_000, 400_000, 400_000, 900_000, 10]), [2, 1, 2]);
});

Deno.test("a value larger than a request should be is a request of its own", async () => {
  assertEquals(await requestsOf([10, 2_000_000, 10]), [1, 1, 1]);
});
