// What our modules find on the page beside themselves: htmx and idiomorph come as plain scripts.

declare const htmx: {
  ajax(verb: string, url: string, options: { target: string | Element; swap: string; source?: Element; values?: Record<string, string> }): Promise<void>;
  process(element: Element | null): void;
};

declare const Idiomorph: {
  morph(old: Element, fresh: Element | string, options?: { morphStyle?: "outerHTML" | "innerHTML"; ignoreActiveValue?: boolean }): unknown;
  defaults: {
    ignoreActiveValue: boolean;
    callbacks: {
      beforeNodeMorphed: (old: Node, fresh: Node) => boolean;
      beforeNodeRemoved: (node: Node) => boolean;
      beforeAttributeUpdated: (name: string, node: Element, change: "update" | "remove") => boolean;
    };
  };
};

// Events whose detail we read; what each tells is written where it is listened to.
interface DocumentEventMap {
  "htmx:afterSettle": CustomEvent<{ target?: Element }>;
  "desk:company": CustomEvent<{ topic: string; people: [string, boolean][] }>;
  "desk:typing": CustomEvent<{ topic: string; who: string; name: string }>;
}

// What the house writes in front of the service worker: its sentences, in one's language.
declare const WORDS: Record<string, string>;
