"""Text as people write it, in many scripts: cleaning must leave each unchanged.

Characters that cannot be seen are written as escapes, but for those within emoji, so that a reader of this file sees
them.
"""

import unicodedata

ZWNJ = "\u200c"
ZWJ = "\u200d"

COUNTED: tuple[str, ...] = (
    # Latin
    "Hi Jane, are you still open to a chat on Tuesday at 9:30? My number is +1 (555) 010-9999.",
    "Ça marche ! On se voit à l’hôtel « Étoile », 12 h 30 – n’oublie pas le devis (1 250,00 €).",
    "Größe, Füße, Straße: alles gut. Viele Grüße aus Köln – „bis bald“!",
    "Zażółć gęślą jaźń, proszę o kontakt.",
    "İstanbul’dan selamlar, ışık ve iğne; görüşmek üzere.",
    "Chào anh Nguyễn Đức Huệ, em gửi báo giá hôm trước rồi ạ.",
    unicodedata.normalize("NFD", "Chào anh Nguyễn Đức Huệ, em gửi báo giá hôm trước rồi ạ."),
    unicodedata.normalize("NFD", "Přílíš žluťoučký kůň úpěl ďábelské ódy"),
    "Kært barn har mange navne. Hæ, hvað segirðu? Þetta er í lagi.",
    "Ẹ kú àárọ̀, báwo ni? Ọ̀rẹ́ mi",
    "Hawaiʻi, ʻōlelo, Kauaʻi",
    # Greek, Cyrillic, Armenian, Georgian
    "Καλημέρα σας, θα ήθελα μια προσφορά για τον Ιούλιο;",
    "ἐν ἀρχῇ ἦν ὁ λόγος, καὶ ὁ λόγος ἦν πρὸς τὸν θεόν",
    "Добрый день! Договор № 45 отправил вчера — посмотрите, пожалуйста.",
    "Привіт, Їжаку! Дякую за об’єкт і ґанок.",
    unicodedata.normalize("NFD", "Йод, ёлка, Ўзбекистон, Кыргызстан ӊ ү"),
    "С҃ло́во бж҃їе",
    "Բարև Ձեզ, ինչպե՞ս եք։ Շնորհակալություն",
    "გამარჯობა, როგორ ხართ? ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ",
    # Hebrew, Arabic, Syriac, Thaana, N'Ko, Adlam
    "שלום ג׳יין, נפגש ב־12:30 ליד צה״ל?",
    "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם",
    "המחיר הוא 250\u200f ש״ח (C++\u200e)",
    "מצורף \u2068report.pdf\u2069 לבדיקה",
    "السلام عليكم، كيف حالك؟ الاجتماع الساعة ١٠:٣٠",
    "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ",
    "مرحبـــا \u2067ABC\u2069 \u061c٪٥",
    f"می{ZWNJ}خواهم کتاب{ZWNJ}هایم را ببینم؛ PDF{ZWNJ}ها آماده{ZWNJ}اند.",
    f"نامه{ZWNJ}ای به ۱۰{ZWNJ}سالگی",
    f"۱۴۴۵ ه{ZWJ} ، ه{ZWJ}.ق",
    "آپ کا شکریہ، ٹھیک ہے۔ ڈاکٹر صاحب کو فون کریں",
    f"بچ{ZWNJ}وں، كۆنفرانس، ئۇيغۇرچە، کوردی زمان{ZWNJ}ەکەم",
    "ܫܠܡܐ ܥܠܟܘܢ، ܐܝܟܢܐ ܐܝܬܝܟ؟ ܒܪܵܫܝܼܬ݂",
    "އައްސަލާމް ޢަލައިކުމް، ކިހިނެއް؟",
    "ߌ ߣߌ߫ ߛߐ߲߬ߜߐ߫ ߸ ߒߞߏ",
    "𞤀𞤣𞤢𞤥 𞤳𞤮 𞤶𞤢𞤥 𞤼𞤢𞤲𞥋𞤫",
    # Brahmic scripts
    "नमस्ते, क्या आप कल १० बजे मिल सकते हैं? श्रीमान् जी, धन्यवाद।",
    f"र{ZWJ}्य, क्{ZWJ}ष, क्{ZWNJ}ष, वाङ्{ZWNJ}मय",
    "दऱ्याखोऱ्या, मराठी भाषा; नेपाल; अ॒ग्निमी॑ळे पु॒रोहि॑तं",
    f"শুভ সকাল, র{ZWJ}্যাব ও র{ZWJ}্যান্ডম; উদ্{ZWNJ}যাপন",
    "ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ, ਤੁਸੀਂ ਕਿਵੇਂ ਹੋ?",
    f"નમસ્તે, કેમ છો? ક્{ZWNJ}ષ",
    "ନମସ୍କାର, ଆପଣ କେମିତି ଅଛନ୍ତି?",
    "வணக்கம், எப்படி இருக்கிறீர்கள்? ஸ்ரீ க்ஷ",
    f"నమస్కారం, ఎలా ఉన్నారు? సాఫ్ట్{ZWNJ}వేర్",
    f"ನಮಸ್ಕಾರ, ಹೇಗಿದ್ದೀರಿ? ರ{ZWJ}್ಯಾಂಕ್",
    f"നമസ്കാരം, സുഖമാണോ? അവന്{ZWJ}, നന്{ZWJ}മ, ഞാൻ, സോഫ്റ്റ്{ZWNJ}വെയർ",
    f"ශ්{ZWJ}රී ලංකාව, ආයුබෝවන්, ක්{ZWJ}ෂ, ප්{ZWJ}රශ්නය",
    "བཀྲ་ཤིས་བདེ་ལེགས། ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ༔",
    "สวัสดีครับ น้ำใจ ที่นี่ ๑๒๓ ผู้ใหญ่",
    "ສະບາຍດີ ເຈົ້າ ຢູ່ໃສ? ນ້ຳ",
    "ជំរាបសួរ តើអ្នកសុខសប្បាយទេ? ព្រះរាជាណាចក្រកម្ពុជា",
    "မင်္ဂလာပါ၊ နေကောင်းလား။ ကျွန်ုပ်",
    "မ\ufe00ꩠ\ufe00 ၸ\ufe00ိူ",
    "ꦱꦸꦒꦼꦁꦫꦮꦸꦃ ꦲꦏ꧀ꦱꦫꦗꦮ",
    "ᬒᬁᬲ᭄ᬯᬲ᭄ᬢ᭄ᬬᬲ᭄ᬢᬸ",
    "ᮝᮤᮜᮥᮏᮨᮀ ᮞᮥᮔ᮪ᮓ",
    "ᜋᜊᜓᜑᜌ᜔ ᜃᜌᜓ",
    "𑄌𑄋𑄴𑄟𑄳𑄦 𑄞𑄌𑄴",
    "ꯈꯨꯔꯨꯝꯖꯔꯤ ꯃꯩꯇꯩꯂꯣꯟ",
    "ᱡᱚᱦᱟᱨ ᱥᱟᱱᱛᱟᱲᱤ",
    # Mongolian, with its free variation selectors
    "ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠬᠡᠯᠡ ᠤ\u180bᠳᠠ ᠭ\u180cᠠ",
    # Han, kana, Hangul, Bopomofo, Yi
    "您好，请问明天下午三点方便吗？合同已发，谢谢！",
    "請問您方便提供報價嗎？「謝謝」…㊙",
    "葛\U000e0100飾区の辻\U000e0101さん、龍\ufe00。、\ufe00",
    "お世話になっております。株式会社Ａの山田　太郎です。ガギグゲゴ",
    unicodedata.normalize("NFD", "ガギグゲゴ パピプペポ"),
    "안녕하세요, 내일 회의 가능하신가요? ㅋㅋㅋ ㅠㅠ",
    unicodedata.normalize("NFD", "안녕하세요, 각하"),
    "ㄋㄧˇ ㄏㄠˇ",
    "ꆈꌠꉙ ꀉꂿ",
    # Africa and America
    "ሰላም፣ እንዴት ነህ? አማርኛ፤ ፩፪፫",
    "ⴰⵣⵓⵍ ⵎⴰⵏⵣⴰⴽⵉⵏ ⵜⵉⴼⵉⵏⴰⵖ",
    "ꕙꔤ ꗏ ꗃꔀ",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ, ᎣᏏᏲ",
    "ᐃᓄᒃᑎᑐᑦ ᐊᐃ ᖃᓄᐃᑉᐱᑦ",
    "ᚠᛇᚻ ᛒᛦᚦ ᚠᚱᚩᚠᚢᚱ",
    "𐐔𐐯𐑅𐐨𐑉𐐯𐐻",
    # Signs, figures, faces, code
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β, ∩\ufe00 2H₂ + O₂ ⇌ 2H₂O, R = 4.7 kΩ, 𝒜\ufe00, 0\ufe00",
    "(╯°□°)╯︵ ┻━┻ ¯\\_(ツ)_/¯ ಠ_ಠ ʕ•ᴥ•ʔ ( ͡° ͜ʖ ͡°)",
    "★彡 𝓕𝓪𝓷𝓬𝔂 𝖙𝖊𝖝𝖙 Ⓑⓤⓑⓑⓛⓔ ｆｕｌｌｗｉｄｔｈ sɯɐʃ",
    "⠓⠑⠇⠇⠕ ♪♫ ♔♕ ✓ ✗ → ⇒ • … — “quoted” ‘it’ №5 ½ 25 °C",
    "if (a[0] < b && !c) { return `x${y}`; }\n\tfor i in range(3): print(i)\n\n# 100 % done! [link](https://example.com/?a=1&b=2#c)",
    "Great news 🎉🎉 see you 👋🏽 at 5️⃣ ☎️ (c) © ©️ ❤️‍🔥 👩🏿‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇩🇪 ☺︎ ☺️",
    "Replacement � stays, and so does \ufffc where an object stood.",
)
"""Samples of which `tests/contract/token_counts.json` holds the tokens."""

HONEST = (
    *COUNTED,
    # Lines in two directions, with the marks that keyboards and editors of Hebrew and Arabic add
    "\u200fהיי John, מה נשמע?\nHello!\n\u200f12:30 – 14:00 בזום",
    "הטלפון שלי: \u2066+972 (3) 555-0123\u2069, בלי \u200e-\u200e",
    "גרסה \u200e2.0 (beta)\u200e של C#\u200e!",
    "כתובת: \u2068john@example.com\u2069; חשבונית \u200f#1042\u200f.",
    "السعر \u200f(١٢٫٥٠$)\u200f، والرمز \u200eA-12\u200e.",
    "\u061c(أ) البند الأول: \u2066ISO 9001:2015\u2069",
    "قیمت: \u200e-15%\u200e تا ۳۰ آذر \u200f(قطعی)\u200f",
    "ریال\u200f؛ \u2067ABC فارسی\u2069.",
    "\u200fیہ C++\u200e ہے، \u200f۲۰۲۶\u200f تک",
    # Signs of single scripts
    "المادة \u0600١٢، سنة \u0601١٤٤٥، صفحة \u0603٧، آية \u06dd٣",
    "حاشية ١\u0602 والشعر \u060eكذا",
    "ܩܕܝܫܐ \u070fܡܪܝ ܐܦܪܝܡ ܘ\u070fܗܢ",
    "\U00011083\U000110a6\U00011087 \U000110bd१२",
    "\U00013000\U00013430\U00013001 \U00013437\U00013050\U00013431\U00013051\U00013438",
    "ᠬᠠᠭᠠᠨ\u180eᠠ ᠦᠨ\u180eᠡ ᠰᠠᠷ\u180eᠠ",
    # Joined letters
    f"نمی{ZWNJ}توانم برنامه{ZWNJ}ریزی{ZWNJ}ها را بفرستم؛ آن{ZWNJ}ها می{ZWNJ}آیند.",
    f"مؤسسه{ZWNJ}ی ما، شیء{ZWNJ}ای، گفته{ZWNJ}ام، کرده{ZWNJ}اید",
    f"بە{ZWNJ}خێربێن، زۆر سوپاس بۆ ئێوە{ZWNJ}ش",
    f"ه{ZWJ} = هجری، م{ZWJ} میلادی",
    f"ܒ{ZWJ} ܫ{ZWNJ}ܠ",
    f"श्री कृष्ण, क्{ZWJ} च्{ZWJ}छ, दऱ्{ZWJ}या, शक्{ZWNJ}ति",
    f"অর্থ, র{ZWJ}্যালি, হঠাৎ, ত্{ZWNJ}ত, আই{ZWNJ}এমএফ",
    f"എന്റെ പേര് ജോണ്{ZWJ}, അവള്{ZWJ}, കാര്{ZWJ}, ഫേസ്{ZWNJ}ബുക്ക്",
    f"සිංහල: ක්{ZWJ}රීඩා, විද්{ZWJ}යාව, ධර්{ZWJ}ම, බ්{ZWJ}රහ්{ZWJ}ම",
    f"తెలుగు: మైక్రోసాఫ్ట్{ZWNJ}కు, క్{ZWNJ}ష, రాజ్{ZWNJ}కుమార్",
    f"ಕನ್ನಡ: ಸಾಫ್ಟ್{ZWNJ}ವೇರ್, ರಾಜ್{ZWNJ}ಕುಮಾರ್, ಅರ{ZWJ}್ಥ",
    f"தமிழ்: க்{ZWNJ}ஷ, ஸ்ரீநிவாஸ், மென்பொருள்",
    f"ଓଡ଼ିଆ: ସଫ୍ଟ୍{ZWNJ}ୱେର୍, ବିଶ୍ୱବିଦ୍ୟାଳୟ",
    f"नेपाली: गर्{ZWNJ}यो, उच्{ZWNJ}च, संस्कृतम्",
    f"ភាសាខ្មែរ ប៊{ZWNJ}ី ម៉{ZWNJ}ឺន ស្រុក",
    "རྫོང་ཁ། གུ་ཟུ་བཟང་པོ་ལགས། ༢༠༢༦",
    "ᨒᨚᨈᨑ ᨅᨔ ᨕᨘᨁᨗ",
    "ꓡꓲꓢꓴ ꓕꓯ",
    "𑀅𑀲𑁄𑀓 𑀥𑀁𑀫",
    "𐎁𐎀𐎍 𐤀𐤁𐤂 𐡀𐡁",
    "ⲁⲩⲱ ⲁϥϫⲟⲟⲥ",
    "ᏅᏩᏙᎵᏍᏗ ꮳꮃꭹ",
    # Emoji as telephones send them
    "Flags 🇮🇱🇸🇦🇪🇹 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴‍☠️ 🏳️‍⚧️, keys #️⃣ *️⃣ 0️⃣ 9️⃣ 🔟, signs ™️ ℹ️ ↔️ ㊗️ 〰️",
    "Family 👩‍👩‍👦 🧑‍🧑‍🧒 👩🏽‍🤝‍👨🏿 👩‍❤️‍💋‍👨, work 🧑🏾‍💻 👨‍🍳 👩‍⚖️ 🧑‍🚒 🦸🏼‍♀️ 🕵️‍♂️ 🤷🏻‍♂️",
    "Animals 🐻‍❄️ 🐕‍🦺 🐈‍⬛ 🐦‍🔥, moods 😮‍💨 😵‍💫 😶‍🌫️ 🙂‍↔️, text ☎\ufe0e ❤\ufe0e ✔\ufe0e ⚠\ufe0e",
    # Variants
    "福\ufe00 神\ufe00 難\ufe01 、\ufe00。\ufe01 “\ufe00中文”\ufe01 邉\U000e0111 芦\U000e0100屋",
)
"""More than a hundred samples; `tests/property/test_text_laws.py` counts their scripts."""
