"""Settings: the environment (CEWEN_…), or the same keys in lower case in HOME/cewen.toml; the environment wins."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from corpus.errors import CewenError


class SettingsInvalid(CewenError):
    """A setting has a value that cannot be used; the sentence names each."""


class Settings(BaseSettings):
    """Everything that an operator sets. Secrets print as stars."""

    model_config = SettingsConfigDict(env_prefix="CEWEN_", extra="forbid", frozen=True)

    home: Path = Path("data")
    public_url: str = ""
    telegram_token: SecretStr = SecretStr("")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: SecretStr = SecretStr("")
    telegram_api: str = "https://api.telegram.org"
    telegram_admins: str = Field(default="", pattern=r"^\s*(\d+(\s*,\s*\d+)*)?\s*$", description="user ids")
    wechat_token: SecretStr = SecretStr("")
    wechat_appid: str = ""
    wechat_secret: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_api: str = "https://api.weixin.qq.com"
    wecom_token: SecretStr = SecretStr("")
    wecom_corp_id: str = ""
    wecom_agent_id: int = Field(default=0, ge=0)
    wecom_secret: SecretStr = SecretStr("")
    wecom_aes_key: SecretStr = SecretStr("")
    wecom_api: str = "https://qyapi.weixin.qq.com"
    member_per_minute: int = Field(default=20, gt=0, description="messages of one member a minute")
    member_waiting: int = Field(default=5, gt=0, description="messages of one member that wait for an answer")
    total_per_second: int = Field(default=200, gt=0, description="messages of all members a second")
    maintenance: bool = Field(default=False, description="every message is answered with the same sentence")
    max_file_mb: int = Field(default=50, gt=0, description="larger notice files are refused")

    @property
    def telegram_administrators(self) -> list[str]:
        """Telegram's ids of those whose files are taken in."""
        return [user.strip() for user in self.telegram_admins.split(",") if user.strip()]

    @property
    def database(self) -> Path:
        return self.home / "cewen.sqlite3"


def load_settings(home: Path | None) -> Settings:
    """Reads the settings for `home`, else $CEWEN_HOME, else ./data.

    Raises SettingsInvalid with one sentence that names each bad key, and never its value.
    """
    try:
        folder = Settings().home if home is None else home
        file = folder / "cewen.toml"

        class WithFile(Settings):
            @classmethod
            def settings_customise_sources(
                cls,
                settings_cls: type[BaseSettings],
                init_settings: PydanticBaseSettingsSource,
                env_settings: PydanticBaseSettingsSource,
                dotenv_settings: PydanticBaseSettingsSource,
                file_secret_settings: PydanticBaseSettingsSource,
            ) -> tuple[PydanticBaseSettingsSource, ...]:
                return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

        return WithFile(home=folder)
    except ValidationError as error:
        keys = "；".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors())
        raise SettingsInvalid(f"设置有误（{keys}）。请检查环境变量 CEWEN_* 或 cewen.toml。") from None
    except (OSError, ValueError) as error:
        raise SettingsInvalid(f"cewen.toml 读不出来：{error}。请检查该文件的写法。") from None
