// Questions to the server; what fails is said on the page.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const pause = time => new Promise(done => setTimeout(done, time));
export const $ = id => document.getElementById(id);

export function tell(message) {
  $("problem").textContent = message ?? "";
  $("problem").hidden = !message;
}

async function answerTo(path, options = {}) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(options.body && { "Content-Type": "application/json" }) };
  let answer, found;
  try {
    answer = await fetch(path, { ...options, headers });
    found = await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Has it been ended?");
  }
  if (!answer.ok) throw new Error(found.error?.message ?? `The server answered ${answer.status}.`);
  return found;
}

export const got = (path, values = {}) => answerTo(`${path}?${new URLSearchParams(values)}`.replace(/\?$/, ""));
export const asked = (path, question, signal) => answerTo(path, { method: "POST", body: JSON.stringify(question), signal });

// What `question` gives when the server has worked it out.
export async function awaited(question, working = () => {}) {
  for (let time = 100; ; time = Math.min(2 * time, 1000)) {
    const found = await question();
    if (!found.working) return found;
    working();
    await pause(time);
  }
}

// A function that asks for the newest only: earlier questions are given up, with `stop` the last one too.
export function newest(question, show) {
  let running = null;
  const ask = async (...values) => {
    running?.abort();
    const own = running = new AbortController();
    try {
      const found = await question(own.signal, ...values);
      if (running === own) { tell(); show(found); }
    } catch (error) {
      if (error.name !== "AbortError" && running === own) tell(error.message);
    }
  };
  ask.stop = () => { running?.abort(); running = null; };
  return ask;
}

export function after(time, action) {
  let waiting;
  return () => { clearTimeout(waiting); waiting = setTimeout(action, time); };
}

export async function orTell(action) {
  try { tell(); await action(); } catch (error) { if (error.name !== "AbortError") tell(error.message); }
}
