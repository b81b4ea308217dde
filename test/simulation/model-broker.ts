import type { MailboxItem, StepAction } from "../../core/messages";
import type { Process, World } from "./world";

interface Message<T> {
  items: T[];
  redelivered: boolean;
  /** Of a mailbox: when it was put there. */
  at: number;
}

interface Channel {
  process: Process;
  open: boolean;
  unacked: Message<MailboxItem>[];
  handle: (items: MailboxItem[]) => Promise<void>;
}

interface StepConsumer {
  process: Process;
  slots: number;
  unacked: Message<StepAction>[];
  handle: (actions: StepAction[], redelivered: boolean) => Promise<void>;
  connected: boolean;
}

export interface BrokerBugs {
  acksBeforeCommit?: boolean;
}

/** RabbitMQ as the protocol sees it: durable queues, single-active mailboxes, redelivery, uncertain confirms. */
export class ModelBroker {
  private readonly mailboxes = new Map<number, { queue: Message<MailboxItem>[]; channels: Channel[] }>();
  /** True: mailboxes deliver nothing for a while, though everything else flows. */
  stalled = false;
  private readonly steps: Message<StepAction>[] = [];
  private readonly consumers = new Set<StepConsumer>();
  private readonly listeners = new Map<string, { process: Process; hear: (message: unknown) => void }[]>();

  constructor(
    private readonly world: World,
    private readonly bugs: BrokerBugs,
    private readonly confirmed: (item: MailboxItem) => void,
    /** A mark comes back to an owner; it was sent at this time. */
    readonly markIsBack: (shard: number, sentAt: number) => void,
  ) {}

  /** Messages in queues and in hand; 0 when all is done. */
  get backlog(): number {
    let messages = this.steps.length;
    for (const { queue, channels } of this.mailboxes.values())
      messages += queue.length + channels.reduce((sum, { unacked }) => sum + unacked.length, 0);
    for (const { unacked } of this.consumers) messages += unacked.length;
    return messages;
  }

  get stepsWaiting(): number {
    return this.steps.length;
  }

  // ---- mailboxes

  /** Resolves when confirmed; kept and sent again while the sender's link is down, so it may arrive twice. */
  send(process: Process, shard: number, items: MailboxItem[]): Promise<void> {
    return new Promise((resolve) => {
      const attempt = (): void => {
        if (process.cutFromBroker) return void this.world.after(200, process, attempt);
        this.world.after(this.latency(), null, () => {
          this.world.note(() => `${process.name} sends ${items.map(nameOf).join(", ")}`);
          this.mailbox(shard).queue.push({ items: structuredClone(items), redelivered: false, at: this.world.now });
          this.deliverMail(shard);
          if (process.cutFromBroker) return void this.world.after(200, process, attempt);
          for (const item of items) this.confirmed(item);
          this.world.after(this.latency(), process, resolve);
        });
      };
      attempt();
    });
  }

  /** `wanted`: it may be closed before it has opened. */
  async openMailbox(process: Process, shard: number, handle: Channel["handle"], wanted: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => this.world.after(this.latency(), process, resolve));
    const { channels } = this.mailbox(shard);
    if (!wanted() || channels.some((channel) => channel.process === process && channel.open)) return;
    channels.push({ process, open: true, unacked: [], handle });
    this.deliverMail(shard);
  }

  async closeMailbox(process: Process, shard: number, requeue: boolean): Promise<void> {
    const own = this.mailbox(shard).channels.filter((one) => one.process === process);
    // One that waits for what it has in hand is cut short.
    if (requeue) return own.forEach((channel) => this.closeChannel(shard, channel));
    const channel = own.find(({ open }) => open);
    if (!channel) return;
    channel.open = false;
    while (channel.unacked.length > 0) await new Promise<void>((resolve) => this.world.after(5, process, resolve));
    this.closeChannel(shard, channel);
  }

  consumesMail(process: Process): boolean {
    return [...this.mailboxes.values()].some(({ channels }) =>
      channels.some((channel) => channel.process === process && channel.open),
    );
  }

  private closeChannel(shard: number, channel: Channel): void {
    const mailbox = this.mailbox(shard);
    channel.open = false;
    mailbox.channels = mailbox.channels.filter((one) => one !== channel);
    mailbox.queue.unshift(...channel.unacked.splice(0).map((message) => ({ ...message, redelivered: true })));
    this.deliverMail(shard);
  }

  private mailbox(shard: number): { queue: Message<MailboxItem>[]; channels: Channel[] } {
    let mailbox = this.mailboxes.get(shard);
    if (!mailbox) this.mailboxes.set(shard, (mailbox = { queue: [], channels: [] }));
    return mailbox;
  }

  private deliverMail(shard: number): void {
    const { queue, channels } = this.mailbox(shard);
    const [active] = channels;
    if (this.stalled || !active?.open || active.process.cutFromBroker) return;
    for (let message = queue.shift(); message; message = queue.shift()) {
      const one = message;
      active.unacked.push(one);
      // One link keeps the order in which it was given messages.
      this.lastDelivery = Math.max(this.lastDelivery + 0.001, this.world.now + this.latency());
      this.world.after(this.lastDelivery - this.world.now, active.process, () => this.takeMail(shard, active, one));
    }
  }
  private lastDelivery = 0;

  private takeMail(shard: number, channel: Channel, message: Message<MailboxItem>): void {
    if (!channel.unacked.includes(message)) return;
    const done = (): void => {
      channel.unacked = channel.unacked.filter((one) => one !== message);
    };
    if (message.items.some(({ type }) => type === "mark")) this.markIsBack(shard, message.at);
    this.world.note(() => `${channel.process.name} receives ${message.items.map(nameOf).join(", ")}`);
    const handled = channel.handle(message.items);
    if (this.bugs.acksBeforeCommit) done();
    handled.then(done, () => {
      // All that is in hand goes back, so that its order stays; the channel is opened anew.
      if (!channel.unacked.includes(message)) return;
      const closing = !channel.open;
      this.closeChannel(shard, channel);
      if (closing) return;
      this.world.after(10, null, () => {
        if (channel.process.state === "dead") return;
        this.mailbox(shard).channels.push({ ...channel, open: true, unacked: [] });
        this.deliverMail(shard);
      });
    });
  }

  // ---- steps

  /** Rejects when the link is cut before the confirm: it may have arrived or not. */
  dispatch(process: Process, actions: StepAction[]): Promise<void> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      const uncertain = (): void => void world.after(5, process, () => reject(new Error("the dispatch is uncertain")));
      if (process.cutFromBroker) return uncertain();
      world.after(this.latency(), null, () => {
        if (process.cutFromBroker && world.random.chance(0.5)) return uncertain();
        this.steps.push({ items: structuredClone(actions), redelivered: false, at: world.now });
        this.deliverSteps();
        if (process.cutFromBroker) return uncertain();
        world.after(this.latency(), process, resolve);
      });
    });
  }

  consumeSteps(process: Process, slots: number, handle: StepConsumer["handle"]): void {
    this.consumers.add({ process, slots, unacked: [], handle, connected: true });
    this.deliverSteps();
  }

  private deliverSteps(): void {
    for (let found = true; found && this.steps.length > 0;) {
      const free = [...this.consumers].filter((one) => one.connected && one.unacked.length < one.slots);
      found = free.length > 0;
      if (!found) break;
      const consumer = this.world.random.pick(free);
      const message = this.steps.shift()!;
      consumer.unacked.push(message);
      this.world.after(this.latency(), consumer.process, () => {
        if (!consumer.unacked.includes(message)) return;
        void consumer.handle(message.items, message.redelivered).then(() => {
          consumer.unacked = consumer.unacked.filter((one) => one !== message);
          this.deliverSteps();
        });
      });
    }
  }

  // ---- broadcasts

  listen<T>(name: string, process: Process, hear: (message: T) => void): void {
    const listeners = this.listeners.get(name) ?? [];
    listeners.push({ process, hear: hear as (message: unknown) => void });
    this.listeners.set(name, listeners);
  }

  /** Transient: who is cut off or dead does not hear it; a confirm says only that the broker had it. */
  publish<T>(name: string, process: Process, message: T): Promise<void> {
    if (process.cutFromBroker) return Promise.reject(new Error("not connected"));
    return new Promise((resolve) => {
      this.world.after(this.latency(), null, () => {
        const copy = structuredClone(message);
        for (const { process: other, hear } of this.listeners.get(name) ?? [])
          if (!other.cutFromBroker) this.world.after(this.latency(), other, () => hear(copy));
        this.world.after(this.latency(), process, resolve);
      });
    });
  }

  // ---- faults

  /** The process's connections end: what it had in hand goes back. */
  disconnect(process: Process): void {
    for (const [shard, { channels }] of this.mailboxes) {
      for (const channel of channels.filter((one) => one.process === process)) this.closeChannel(shard, channel);
    }
    for (const consumer of this.consumers) {
      if (consumer.process !== process) continue;
      consumer.connected = false;
      this.steps.unshift(...consumer.unacked.splice(0).map((message) => ({ ...message, redelivered: true })));
      if (process.state === "dead") this.consumers.delete(consumer);
    }
    this.deliverSteps();
  }

  stall(on: boolean): void {
    this.stalled = on;
    if (!on) for (const shard of this.mailboxes.keys()) this.deliverMail(shard);
  }

  reconnect(process: Process): void {
    for (const consumer of this.consumers) if (consumer.process === process) consumer.connected = true;
    this.deliverSteps();
  }

  private latency(): number {
    const { random } = this.world;
    return random.chance(0.02) ? random.between(20, 150) : random.between(0.2, 3);
  }
}

const nameOf = (item: MailboxItem): string =>
  item.type === "look"
    ? `look at ${item.at}`
    : item.type === "mark"
      ? `mark ${item.id}`
      : `${item.type} of ${item.run} ${item.step}`;
