// Browsers start no Worker from the file system. There, the search runs in a hidden frame instead.
// After npm iframe-worker (MIT, see LICENSES.txt), whose inline script the site's policy refuses.
"use strict";
(() => {
  const own = window.frameElement;
  if (own && own.hasAttribute("data-worker")) {
    window.postMessage = (data) => parent.dispatchEvent(
      new CustomEvent(own.dataset.worker, { detail: structuredClone(data) }));
    window.importScripts = (...addresses) => addresses.reduce((before, address) =>
      before.then(() => new Promise((done) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = done;
        document.body.appendChild(script);
      })), Promise.resolve());
    return;
  }
  if (location.protocol !== "file:") return;
  const shim = document.currentScript.src;
  let count = 0;
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const name = `bep-worker-${++count}`;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "search";
      this.frame.dataset.worker = name;
      document.body.appendChild(this.frame);
      window.addEventListener(name, (event) => {
        const message = new MessageEvent("message", { data: event.detail });
        this.dispatchEvent(message);
        if (this.onmessage) this.onmessage(message);
      });
      const inside = this.frame.contentWindow;
      inside.document.open();
      inside.document.write(
        `<html lang="en"><title>search</title><body><script src="${shim}"></script>`
        + `<script src="${address}"></script></body></html>`);
      inside.document.close();
      this.ready = new Promise((done) => { inside.onload = done; });
    }
    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(
        new MessageEvent("message", { data: structuredClone(data) })));
    }
    terminate() { this.frame.remove(); }
  };
})();
