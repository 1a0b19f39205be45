// All words of the page, in both languages. `starters` are [what stands on the button, what is sent].
const WORDS = {
  zh: {
    lang: "zh-CN",
    other: { name: "en", lang: "en", title: "English" },
    title: "屋场助手",
    county: "衡南县",
    name: "屋场助手",
    skip: "直接去打字",
    welcome: "您好！停水、养老、办合同的事，都可以问我。点下面的按钮，或者直接打字。",
    log: "对话",
    composer: "说您的事",
    starters: "常办的事",
    label: "在这里打字",
    send: "发送",
    hint: "按回车键发送，按 Shift 加回车键换行。",
    place: "发送我的位置",
    attach: "发合同文件",
    photo: "发照片",
    myPhoto: "我的照片",
    photoKind: "这不是照片。请选一张照片。",
    photoTooLarge: "照片超过 10 MB，发不了。请把照片截一个屏，发截屏的图。",
    photoBad: "这张照片收不了。",
    myFile: (name) => `我的文件：${name}`,
    fileKind: "只认 .docx、.pdf、.txt、.md。旧的 .doc 请先另存为 .docx，照片请换成能复制文字的文件。",
    fileTooLarge: "文件超过 20 MB，发不了。请去掉附件里的图片，只留正文。",
    fileEmpty: "这是个空文件，里面没有内容。请换一份。",
    fileBad: "这份文件看不了。",
    fileNotSent: "文件没有发到。等一会儿可以点“再试一次”。",
    urgent: "急事请打",
    automatic: "这里是自动助手，回答供您参考；要找工作人员，请点“转人工”。",
    today: (date) => `今天是${date}`,
    you: "您说：",
    assistant: "助手回答：",
    thinking: "正在想…",
    stillThinking: "还在办，请再等一下…",
    wait: "上一句还在办，请等回答出来再发。",
    empty: "请先打字，再点“发送”。",
    again: "再试一次",
    listen: "读给我听",
    stop: "停下不读",
    openMap: "打开地图",
    saveFile: "下载文件",
    openLink: (host) => `打开网页（${host}）`,
    myPlace: (place) => `我的位置（${place}）`,
    placing: "正在找您的位置…如果手机问能不能用位置，请点“允许”。",
    noPlace: "这里拿不到您的位置。请直接打字说地名，比如“三塘镇老街”。",
    placeDenied: "您没有同意用位置。不要紧，请直接打字说地名，比如“三塘镇老街”。",
    placeLate: "找位置太慢了，没有找到。请直接打字说地名，比如“三塘镇老街”。",
    cut: "您这段话很长，只收下了前面 1000 个字。后面的请再发一次。",
    withStaff: "值班人员看得到您的话，请等回复。",
    noAnswer: "这句话没有得到回答。请换个说法再发一次。",
    busy: "助手这会儿太忙，没能回答您。请过一会儿点“再试一次”。",
    failed: "网络断了，没有收到回答。请看看网络，再点“再试一次”；已经送到的不会办两次。",
    refused: "这句话送不出去。请改短一点、换个说法再发。",
    tooMany: "前面的话还没办完，请等一会儿再点“再试一次”。",
    noHistory: "前面的对话暂时拿不到，您可以接着说。",
    offline: "网络断了。连上以后就能接着用。",
    online: "网络又连上了，可以接着说。",
    starterButtons: [
      ["报停水", "我要报停水"],
      ["查进度", "查一下报修进度"],
      ["找养老点", "找附近的养老点"],
      ["办合同", "要办合同，需要准备什么"],
      ["转人工", "转人工"],
    ],
  },
  en: {
    lang: "en",
    other: { name: "zh", lang: "zh-CN", title: "中文" },
    title: "Wuchang Assistant 屋场助手",
    county: "Hengnan County",
    name: "Wuchang Assistant",
    skip: "Go to the text field",
    welcome: "Hello! Ask me about water outages, eldercare and contracts. Press a button below, or type.",
    log: "Conversation",
    composer: "Your message",
    starters: "Common requests",
    label: "Type here",
    send: "Send",
    hint: "Enter sends, Shift and Enter starts a new line.",
    place: "My location",
    attach: "Send a contract",
    photo: "Photo",
    myPhoto: "My photo",
    photoKind: "This is no photo. Please choose a photo.",
    photoTooLarge: "The photo is larger than 10 MB. Please make a screenshot of it and send that.",
    photoBad: "This photo could not be taken.",
    myFile: (name) => `My file: ${name}`,
    fileKind: "Only .docx, .pdf, .txt and .md can be read. Please save an old .doc as .docx first.",
    fileTooLarge: "The file is larger than 20 MB. Please take the pictures out and keep the text.",
    fileEmpty: "This file is empty. Please choose another one.",
    fileBad: "This file could not be looked over.",
    fileNotSent: "The file did not arrive. You can press “Try again” in a while.",
    urgent: "In an emergency call",
    automatic: "This is an automatic assistant; take its answers as guidance. For a member of staff press “Talk to a person”.",
    today: (date) => `Today is ${date}`,
    you: "You said:",
    assistant: "The assistant answered:",
    thinking: "Thinking…",
    stillThinking: "Still working on it, one moment please…",
    wait: "Your last message is still being handled. Please send after its answer.",
    empty: "Please type something first, then press “Send”.",
    again: "Try again",
    listen: "Read aloud",
    stop: "Stop reading",
    openMap: "Open the map",
    saveFile: "Save the file",
    openLink: (host) => `Open ${host}`,
    myPlace: (place) => `My location (${place})`,
    placing: "Looking for your location… If your device asks, please allow it.",
    noPlace: "Your location is not available here. Please type the name of the place, for example “Santang old street”.",
    placeDenied: "You did not allow the location. Never mind: please type the name of the place, for example “Santang old street”.",
    placeLate: "Finding your location took too long. Please type the name of the place, for example “Santang old street”.",
    cut: "Your text is very long; only the first 1,000 characters were taken. Please send the rest again.",
    withStaff: "Staff can read your message. Please wait for the answer.",
    noAnswer: "There was no answer to this. Please say it in other words.",
    busy: "The assistant is too busy at the moment and could not answer. Please press “Try again” in a while.",
    failed: "The connection broke and no answer came. Please check the network, then press “Try again”; nothing is done twice.",
    refused: "This could not be sent. Please make it shorter or say it in other words.",
    tooMany: "Earlier messages are still being handled. Please wait a little, then press “Try again”.",
    noHistory: "The earlier conversation cannot be shown just now. You can go on.",
    offline: "The network is gone. You can go on once it is back.",
    online: "The network is back, you can go on.",
    starterButtons: [
      ["Report an outage", "I want to report a water outage"],
      ["Check my report", "Check my report"],
      ["Find eldercare", "Find an eldercare service point near me"],
      ["Contracts", "I need the checklist for a contract"],
      ["Talk to a person", "I want to talk to a person"],
    ],
  },
};

let language = remembered() || "zh";

export const word = (name) => WORDS[language][name];
export const languageOf = (text) => (/[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en");

function remembered() {
  try {
    const kept = localStorage.getItem("language");
    return kept in WORDS ? kept : null;
  } catch {
    return null; // storage may be switched off
  }
}

function remember(name) {
  try {
    localStorage.setItem("language", name);
  } catch {
    // the choice then holds for this visit only
  }
}

// Put the words of `name` (by default the language in use) wherever an element asks for one.
export function useLanguage(name = language) {
  if (name !== language) remember(name);
  language = name;
  document.documentElement.lang = word("lang");
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
  const button = document.getElementById("language");
  button.lang = word("other").lang;
  button.textContent = word("other").title;
}
