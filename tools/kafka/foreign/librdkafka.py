"""librdkafka, spoken to in lines of JSON as the Java program beside this file is: the same requests,
answers and events. Argument: settings of all clients, as JSON."""

import base64
import json
import sys
import threading

from confluent_kafka import Consumer, Producer, TopicPartition

SETTINGS = json.loads(sys.argv[1])
printing = threading.Lock()
servers = {}


def say(line):
    with printing:
        print(json.dumps(line), flush=True)


def decode(text):
    return None if text is None else base64.b64decode(text)


def send(request):
    producer = Producer({
        **SETTINGS, "compression.type": request.get("codec", "none"),
        # What is sent together shall be one batch: nothing goes before the flush.
        "linger.ms": 10_000, "batch.num.messages": 1_000_000, "batch.size": 33_554_432,
        "queue.buffering.max.messages": 1_000_000})
    offsets, errors = [], []

    def delivered(error, message):
        errors.append(error) if error else offsets.append(message.offset())

    place = {"partition": request["partition"]} if "partition" in request else {}
    for record in request["records"]:
        stamp = {"timestamp": record["timestamp"]} if "timestamp" in record else {}
        headers = [(name, decode(value)) for name, value in record["headers"]]
        for _ in range(record.get("count", 1)):
            producer.produce(request["topic"], key=decode(record["key"]),
                             value=decode(record["value"]), headers=headers,
                             on_delivery=delivered, **place, **stamp)
    producer.flush(60)
    if errors:
        raise RuntimeError(errors[0].str())
    return {"first": min(offsets), "last": max(offsets)}


class Server(threading.Thread):
    """Answers each request with its own value."""

    def __init__(self, request):
        super().__init__()
        self.label, self.topic = request["name"], request["topic"]
        self.stopping, self.answered = False, 0
        self.in_group = request["protocol"] != "assign"
        self.commits = self.in_group or request.get("commits", False)
        settings = {**SETTINGS, "group.id": request.get("group", self.topic + "-servers"),
                    "enable.auto.commit": False, "auto.offset.reset": "earliest"}
        if self.in_group:
            settings["group.protocol"] = request["protocol"]
        if "assignor" in request:
            settings["partition.assignment.strategy"] = request["assignor"]
        self.consumer = Consumer(settings)
        self.producer = Producer({**SETTINGS, "linger.ms": 0})

    def run(self):
        try:
            self.join_group()
            while not self.stopping:
                message = self.consumer.poll(0.2)
                if message is None:
                    continue
                if message.error():
                    raise RuntimeError(message.error().str())
                self.answer(message)
            self.producer.flush(10)
        except Exception as error:
            say({"event": "serverFailed", "name": self.label, "error": str(error)})
        finally:
            self.consumer.close()

    def join_group(self):
        if self.in_group:
            self.consumer.subscribe([self.topic], on_assign=lambda _, found: self.tell(found))
            return
        known = self.consumer.list_topics(self.topic, timeout=10).topics[self.topic].partitions
        ends = [TopicPartition(self.topic, index) for index in known]
        for end in ends:
            end.offset = self.consumer.get_watermark_offsets(end, timeout=10)[1]
        self.consumer.assign(ends)
        self.tell(ends)

    def tell(self, found):
        partitions = sorted(place.partition for place in found)
        say({"event": "assigned", "name": self.label, "partitions": partitions})

    def answer(self, message):
        headers = {name: value.decode() for name, value in message.headers() or [] if value}
        place = {}
        if "rpc-reply-partition" in headers:
            place["partition"] = int(headers["rpc-reply-partition"])
        self.producer.produce(
            headers.get("rpc-reply-topic", self.topic + "_results"), key=message.key(),
            value=message.value(),
            headers={"rpc-version": "1", "rpc-status": "ok", "rpc-server": self.label}, **place)
        self.producer.poll(0)
        self.answered += 1
        if self.commits:
            self.consumer.commit(message=message, asynchronous=True)


def start_server(request):
    servers[request["name"]] = Server(request)
    servers[request["name"]].start()
    return True


def stop_server(request):
    server = servers.pop(request["name"])
    server.stopping = True
    server.join()
    return server.answered


COMMANDS = {"send": send, "startServer": start_server, "stopServer": stop_server}


def answer(request):
    try:
        result = COMMANDS[request["do"]](request["with"])
        say({"id": request["id"], "result": result})
    except Exception as error:
        say({"id": request["id"], "error": str(error)})


for line in sys.stdin:
    threading.Thread(target=answer, args=[json.loads(line)], daemon=True).start()
for server in servers.values():
    server.stopping = True
